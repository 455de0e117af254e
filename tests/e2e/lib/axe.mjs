// What a page withholds from people who read, hear or move differently: axe-core, WCAG 2.2 AA.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa'];
const source = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * The violations of the page that stands before a person at Chromium, a line each; none is good.
 *
 * axe comes in by the browser's protocol, so the page's policy stays as strict as it is.
 */
export async function violations(person) {
  const session = await person.protocol();
  try {
    await session.send('Runtime.evaluate', { expression: source });
    const expression = `axe.run(document, { runOnly: ${JSON.stringify(TAGS)}, resultTypes: ['violations'] })
      .then((found) => JSON.stringify(found.violations.flatMap((rule) =>
        rule.nodes.map((node) => rule.id + ' (' + rule.impact + '): ' + node.html.slice(0, 200)))))`;
    const { result, exceptionDetails } = await session.send('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails) throw new Error(`axe: ${exceptionDetails.exception?.description ?? exceptionDetails.text}`);
    return JSON.parse(result.value);
  } finally {
    await session.detach();
  }
}
