/** What the «+» panel and the menu can ask the citizen for. */
export type SheetName = 'location' | 'voice' | 'scan' | 'link' | 'image' | 'subscribe';
