// Debian's Chromium and Firefox, each with a profile of its own, fake camera and microphone, and no network.
import { chromium } from 'playwright-core';
import puppeteer from 'puppeteer-core';
import { discard, tend, tidy } from './ending.mjs';
import { rememberPeers } from './peers.mjs';
import { Person } from './person.mjs';
import { temporary } from './places.mjs';

const CHROMIUM = '/usr/bin/chromium';
const FIREFOX = '/usr/bin/firefox-esr';

/** The narrowest phone we promise, and an ordinary desk. */
export const PHONE = { width: 360, height: 780 };
export const DESK = { width: 1280, height: 900 };

const CHROMIUM_ARGS = [
  '--headless=new',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--no-pings',
  '--disable-background-networking',
  '--disable-client-side-phishing-detection',
  '--disable-component-update',
  '--disable-domain-reliability',
  '--disable-sync',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1, EXCLUDE [::1]',
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  '--autoplay-policy=no-user-gesture-required',
];

const NOWHERE = 'http://127.0.0.1:9/';
const FIREFOX_PREFS = {
  'app.normandy.enabled': false,
  'app.update.enabled': false,
  'browser.region.network.url': '',
  'browser.safebrowsing.malware.enabled': false,
  'browser.safebrowsing.phishing.enabled': false,
  'browser.topsites.contile.enabled': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'dom.push.connection.enabled': false,
  'extensions.getAddons.cache.enabled': false,
  'intl.accept_languages': 'ja',
  'intl.locale.requested': 'ja',
  'media.autoplay.default': 0,
  'media.gmp-manager.updateEnabled': false,
  'media.navigator.permission.disabled': true,
  'media.navigator.streams.fake': true,
  'media.peerconnection.ice.loopback': true,
  'media.peerconnection.ice.obfuscate_host_addresses': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  // Without a permission of the site Firefox tries only its default addresses, and a demo is on loopback.
  'permissions.default.camera': 1,
  'permissions.default.microphone': 1,
  'services.settings.server': NOWHERE,
  'toolkit.telemetry.enabled': false,
};

function asRoot(args) {
  return process.getuid() === 0 ? [...args, '--no-sandbox'] : args;
}

/**
 * Somebody at Chromium.
 *
 * `screen` is PHONE or DESK; `language` what the browser asks for; `script` false switches scripts off;
 * `keepProfile` leaves the profile's folder (`person.profile`) for a search after closing.
 */
export async function atChromium(name, { screen = DESK, language = 'ja-JP', script = true, keepProfile = false, args = [] } = {}) {
  const profile = tidy(temporary('chromium'));
  const phone = screen.width < 600;
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM,
    headless: true,
    args: asRoot([...CHROMIUM_ARGS, ...args]),
    viewport: screen,
    deviceScaleFactor: phone ? 2 : 1,
    hasTouch: phone,
    isMobile: phone,
    javaScriptEnabled: script,
    locale: language,
    timezoneId: 'Asia/Tokyo',
    permissions: ['camera', 'microphone'],
  });
  await context.addInitScript(rememberPeers);
  const page = context.pages()[0] ?? (await context.newPage());
  return new Person({
    name,
    page,
    profile,
    engine: 'chromium',
    newPage: () => context.newPage(),
    protocol: (ofPage) => context.newCDPSession(ofPage),
    async close() {
      await context.close();
      if (!keepProfile) discard(profile);
    },
  });
}

/** Somebody at Firefox; the same, without `script`. */
export async function atFirefox(name, { screen = DESK, language = 'ja', keepProfile = false, prefs = {} } = {}) {
  const profile = tidy(temporary('firefox'));
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: FIREFOX,
    headless: true,
    userDataDir: profile,
    extraPrefsFirefox: { ...FIREFOX_PREFS, 'intl.accept_languages': language, ...prefs },
  });
  const child = browser.process();
  if (child) tend(child);
  const newPage = async () => {
    const page = await browser.newPage();
    await page.setViewport(screen);
    await page.evaluateOnNewDocument(rememberPeers);
    return page;
  };
  return new Person({
    name,
    page: await newPage(),
    profile,
    engine: 'firefox',
    newPage,
    async close() {
      await browser.close();
      if (!keepProfile) discard(profile);
    },
  });
}
