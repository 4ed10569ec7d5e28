/** The sheet that was chosen in a file field, which is then free for the same file again; undefined for none. */
export function chosenSheet(event: Event): { sheet: Blob; name: string } | undefined {
  const input = event.target as HTMLInputElement;
  const file = input.files?.[0];
  input.value = '';
  // What a browser takes a file for depends on the programs that are installed.
  return file && { sheet: new Blob([file], { type: 'application/octet-stream' }), name: file.name.slice(0, 100) };
}
