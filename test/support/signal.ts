/** Something that is waited for, and how to make it happen. */
export function signal() {
  let happens!: () => void;
  const happened = new Promise<void>((resolve) => {
    happens = resolve;
  });
  return { happens, happened };
}
