/** Text as CDATA. `]]>` inside it would end the section and let its author write elements: it is split over two. */
export function cdata(value: string): string {
  return `<![CDATA[${value.includes(']]>') ? value.replaceAll(']]>', ']]]]><![CDATA[>') : value}]]>`;
}

/** Whether there may be anything to look at closely: hardly ever, and quickly seen. */
const suspicious = /[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]/;
const illegal = /[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;
const control = /[^\uD800-\uDFFF]/;

/**
 * Text without what XML 1.0 forbids: controls are dropped, half a surrogate pair becomes U+FFFD. WeChat answers a reply that has one
 * with its failure notice.
 */
export function legal(value: string): string {
  return !suspicious.test(value) ? value : value.replace(illegal, (found) => (control.test(found) ? '' : '\uFFFD'));
}
