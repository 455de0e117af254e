// Loaded by every page, patient, staff and public. Each watcher does nothing on a page without its marks.
import { watchAlarms } from './page/alarm';
import { watchBusy } from './page/busy';
import { watchDigits } from './page/digits';
import { isStaff, onPage } from './page/dom';
import { watchFocus } from './page/focus';
import { watchIdle } from './page/idle';
import { watchKeys, watchKeysSwitch } from './page/keys';
import { watchLastLine } from './page/lastline';
import { watchNotYet } from './page/notyet';
import { watchLine } from './page/offline';
import { fillSeconds, watchSeconds } from './page/seconds';
import { openArrived, watchSheets } from './page/sheets';
import { tellWithoutCamera, watchAge, watchCopy, watchPassed, watchPrint } from './page/small';

function start(): void {
  // First those that stop a press, in this order: they look before anybody acts.
  watchLine();
  watchNotYet();
  fillSeconds();
  watchBusy();
  watchFocus();
  watchDigits();
  watchSheets();
  watchPrint();
  watchCopy();
  tellWithoutCamera();
  watchAge();
  watchLastLine();
  watchSeconds();
  watchKeysSwitch();
  if (isStaff()) {
    watchKeys();
    watchIdle();
    watchAlarms();
    watchPassed();
  }
  openArrived();
  onPage('htmx:after:swap', () => {
    openArrived();
    watchLastLine();
    watchSeconds();
  });
}

if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', start);
else start();
