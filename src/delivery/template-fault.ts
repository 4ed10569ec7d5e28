/** What is wrong with a template, for the operator who writes it: LiquidJS says it in English. */
export function templateFault(error: Error): string {
  const [first = ''] = error.message.split('\n');
  const [, said = first, line, column] = /^(.*), line:(\d+), col:(\d+)$/.exec(first) ?? [];
  const where = line ? `第 ${line} 行第 ${column} 个字，` : '';
  for (const [form, words] of faults) {
    const found = form.exec(said);
    if (found) return `${where}${words.replace('$1', () => found[1] ?? '')}`;
  }
  return `${where}写法不对`;
}

const faults: [RegExp, string][] = [
  [/^output .* not closed$/, '「{{」后面少了「}}」'],
  [/^tag "?(\{% *\w+.*%\})"? not closed$/, '「$1」没有结束，例如 if 要有 {% endif %}'],
  [/^tag .* not closed$/, '「{%」后面少了「%}」'],
  [/^tag "(\w+)" not found$/, '没有「$1」这种标签，或者它前面少了开头的标签'],
  [/^undefined filter: (.+)$/, '没有「$1」这种处理'],
  [/^undefined variable: (.+)$/, '没有变量「$1」'],
  [/^(?:invalid value expression|expected |unexpected )/, '里面少了内容，或者写法不对'],
  [/^illegal tag: (.+)$/, '「$1」写法不对'],
  [/limit exceeded/, '要算的太多，请减少循环'],
  [/^ENOENT|lookup/, '不能引用别的文件'],
];
