// Numbers in full or half width are the same number. In a date the next field is reached by itself, but
// only after the full number of digits; back-space in an empty field returns.

/** "１９５１年" → "1951": NFKC, then digits only (and, for a telephone, + # * and -). */
export function halfWidth(text: string, keep = /[^0-9]/g): string {
  return text.normalize('NFKC').replace(/[ー−―‐]/g, '-').replace(keep, '');
}

const NUMERIC = 'input[inputmode="numeric"], input[data-digits]';
const TELEPHONE = 'input[inputmode="tel"]';

function tidy(field: HTMLInputElement): void {
  const clean = halfWidth(field.value, field.matches(TELEPHONE) ? /[^0-9+#*-]/g : /[^0-9]/g);
  if (clean !== field.value) field.value = clean;
}

/** How many digits make this field full: a Western year four, every other part of a date two. */
function fullAt(field: HTMLInputElement): number {
  if (field.dataset['date'] !== 'year') return Number(field.dataset['digits'] ?? 2);
  const era = field.closest('.is-date')?.querySelector<HTMLSelectElement>('select')?.selectedOptions[0];
  return Number(era?.dataset['yearDigits'] ?? 2);
}

const partsOf = (field: HTMLInputElement): HTMLInputElement[] =>
  Array.from(field.closest('.is-date')?.querySelectorAll<HTMLInputElement>('input[data-date]') ?? []);

function step(field: HTMLInputElement, by: 1 | -1): void {
  const parts = partsOf(field);
  const next = parts[parts.indexOf(field) + by];
  if (!next) return;
  next.focus();
  next.select();
}

export function watchDigits(): void {
  document.addEventListener('input', (event) => {
    const field = event.target;
    if (!(field instanceof HTMLInputElement) || !field.matches(`${NUMERIC}, ${TELEPHONE}`)) return;
    const { isComposing, inputType } = event as InputEvent;
    // While an input method is open the text is not the person's last word.
    if (isComposing) return;
    tidy(field);
    const typed = inputType?.startsWith('insert') && inputType !== 'insertReplacementText';
    if (typed && field.dataset['date'] && field.value.length >= fullAt(field)) step(field, 1);
  });
  document.addEventListener('compositionend', (event) => {
    const field = event.target;
    if (!(field instanceof HTMLInputElement) || !field.matches(`${NUMERIC}, ${TELEPHONE}`)) return;
    tidy(field);
    if (field.dataset['date'] && field.value.length >= fullAt(field)) step(field, 1);
  });
  document.addEventListener('keydown', (event) => {
    const field = event.target;
    if (event.key !== 'Backspace' || !(field instanceof HTMLInputElement)) return;
    if (!field.dataset['date'] || field.value !== '') return;
    event.preventDefault();
    step(field, -1);
  });
}
