import { onBeforeUnmount, ref, watch } from 'vue';
import { post, put } from '../../api';
import type { Content, Entry, Finding } from './types';
import { base } from './words';

/** What is being written: checked while it is, saved on demand. */
export function useEditor(entry: Entry) {
  const content = ref<Content>(
    structuredClone({ ...entry.content, aliases: [...entry.content.aliases], cleared: [...entry.content.cleared] }),
  );
  const findings = ref<Finding[]>(entry.findings);
  const dirty = ref(false);
  let edit = entry.edit;
  let pause: number | undefined;
  let turn = 0;

  watch(
    content,
    () => {
      dirty.value = true;
      window.clearTimeout(pause);
      pause = window.setTimeout(() => void check().catch(() => undefined), 300);
    },
    { deep: true },
  );
  onBeforeUnmount(() => window.clearTimeout(pause));

  async function check(): Promise<void> {
    const mine = ++turn;
    const { question, answer, aliases, cleared } = content.value;
    const found = await post<{ findings: Finding[] }>(`${base}/check`, { question, answer, aliases, cleared });
    if (mine === turn) findings.value = found.findings;
  }

  async function save(): Promise<void> {
    const aliases = content.value.aliases.map((one) => one.trim()).filter((one) => one !== '');
    ({ edit } = await put<{ edit: number }>(`${base}/entries/${entry.id}`, { ...content.value, aliases, edit }));
    dirty.value = false;
  }

  /** What was never changed is submitted as it is. */
  async function submit(): Promise<void> {
    if (dirty.value || entry.status !== 'draft') await save();
    await post(`${base}/entries/${entry.id}/submit`, { edit });
  }

  /** Puts 〔姓名〕 in the place of one. */
  function hide({ field, index, start, end, title }: Finding): void {
    const replaced = (text: string) => `${text.slice(0, start)}〔${title}〕${text.slice(end)}`;
    if (field === 'aliases') content.value.aliases[index] = replaced(content.value.aliases[index]!);
    else content.value[field] = replaced(content.value[field]);
    // Places of the others in this text have moved: nothing can be clicked until they are found anew.
    findings.value = findings.value.filter((one) => one.field !== field || one.index !== index);
  }

  function clear({ text }: Finding, yes: boolean): void {
    const others = content.value.cleared.filter((one) => one !== text);
    content.value.cleared = yes ? [...others, text] : others;
    findings.value = findings.value.map((one) => (one.text === text ? { ...one, cleared: yes } : one));
  }

  return { content, findings, dirty, save, submit, hide, clear };
}
