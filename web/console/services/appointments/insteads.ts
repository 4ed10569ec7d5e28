/** What becomes of those who have booked a time that is stopped. */
export const insteads = {
  resource: '改约到这位医生或窗口最近的空号，没有空号的取消',
  office: '改约到本科室最近的空号（任一医生或窗口），没有空号的取消',
  release: '全部取消，请市民自己另约',
} as const;
