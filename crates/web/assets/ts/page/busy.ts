// One press, one act. A pressed button is busy after 400 ms, a second press is dropped, and after 8 s
// a sentence says that pressing again does no harm (the form's own token sees to that on the server).
import { byId, drop, isStaff, onPage } from './dom';

const BUSY_AFTER_MS = 400;
const SLOW_AFTER_MS = 8_000;

type Flight = { pressed: HTMLElement | null; timers: number[]; sentence: Element | null };

const flights = new Map<Element, Flight>();

function takeOff(what: Element, pressed: HTMLElement | null): void {
  const flight: Flight = { pressed, timers: [], sentence: null };
  flight.timers = [
    window.setTimeout(() => pressed?.classList.add('is-busy'), BUSY_AFTER_MS),
    window.setTimeout(() => {
      flight.sentence = sayItIsSlow(pressed ?? what);
      // From here on a second press is let through: the page says so.
      flights.delete(what);
      slow.add(flight);
    }, SLOW_AFTER_MS),
  ];
  flights.set(what, flight);
}

const slow = new Set<Flight>();

function land(flight: Flight): void {
  flight.timers.forEach(clearTimeout);
  flight.pressed?.classList.remove('is-busy');
  flight.sentence?.remove();
}

function landAll(): void {
  flights.forEach(land);
  slow.forEach(land);
  flights.clear();
  slow.clear();
}

/** The sentence is the content of `<template id="on-slow">`, set behind the button. */
function sayItIsSlow(beside: Element): Element | null {
  const words = byId('on-slow');
  if (!(words instanceof HTMLTemplateElement)) return null;
  const line = document.createElement('p');
  line.className = 'on-slow';
  line.setAttribute('role', 'status');
  beside.after(line);
  line.append(words.content.cloneNode(true));
  return line;
}

/** Forms that stay on the page, or open another one, never come back to say that they are done. */
const comesBack = (form: HTMLFormElement, button: HTMLElement | null): boolean =>
  form.method !== 'dialog' && form.target !== '_blank' && button?.getAttribute('formtarget') !== '_blank' && !form.hasAttribute('data-busy-off');

/** A link that looks like a button, and goes to another page of ours in this window. */
function goesOn(event: MouseEvent): HTMLAnchorElement | null {
  const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>('a.on-btn[href]') : null;
  const elsewhere = event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
  if (!link || elsewhere || event.defaultPrevented || link.target || link.origin !== location.origin) return null;
  return link.pathname === location.pathname && link.search === location.search ? null : link;
}

export function watchBusy(): void {
  // To a patient a link in the shape of a button is one. Staff's may give a file, and the page stays.
  if (!isStaff()) {
    document.addEventListener('click', (event) => {
      const link = goesOn(event);
      if (link && !flights.has(link)) takeOff(link, link);
    });
  }

  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement)) return;
    if (flights.has(form)) drop(event);
  }, true);

  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || event.defaultPrevented) return;
    const button = (event as SubmitEvent).submitter;
    if (comesBack(form, button)) takeOff(form, button);
  });

  onPage('htmx:before:request', (event) => {
    const source = event.detail.ctx?.sourceElement;
    const cause = event.detail.ctx?.sourceEvent;
    if (!source || !cause || !['click', 'submit'].includes(cause.type)) return;
    if (flights.has(source)) return event.preventDefault();
    const pressed = cause.type === 'submit' ? (cause as SubmitEvent).submitter : source;
    takeOff(source, pressed instanceof HTMLElement ? pressed : null);
  });

  onPage('htmx:finally:request', (event) => {
    const source = event.detail.ctx?.sourceElement;
    if (!source) return;
    const flight = flights.get(source);
    if (flight) land(flight);
    flights.delete(source);
    for (const late of slow) if (!late.pressed?.isConnected || late.pressed === source || source.contains(late.pressed)) { land(late); slow.delete(late); }
  });

  // Back from the next page: whatever was pressed is long done.
  window.addEventListener('pageshow', (event) => { if (event.persisted) landAll(); });
}
