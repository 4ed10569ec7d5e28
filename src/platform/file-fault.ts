import { StartupError } from './startup-error';

/** What stands in the way of the data folder, as one line that says what to do; any other error as it is. */
export function explainFileFault(error: unknown, folder: string): unknown {
  const line = lines[(error as NodeJS.ErrnoException)?.code ?? ''];
  return line ? new StartupError(line(folder)) : error;
}

const noRight = (folder: string) => `没有权限读写数据目录 ${folder}：请修改它的权限，或换一个 DATA_DIR`;
const noSpace = (folder: string) => `磁盘已满：请在 ${folder} 所在磁盘腾出空间后重试`;

const lines: Record<string, (folder: string) => string> = {
  EACCES: noRight,
  EPERM: noRight,
  ENOSPC: noSpace,
  EDQUOT: noSpace,
  EROFS: (folder) => `数据目录 ${folder} 所在的磁盘是只读的：请换一个 DATA_DIR`,
  EEXIST: (folder) => `DATA_DIR（${folder}）是一个文件，应为目录`,
  ENOTDIR: (folder) => `DATA_DIR（${folder}）的路径中有一段是文件，应为目录`,
  // What a recursive mkdir says where the disk is read-only, or the parent is being removed.
  ENOENT: (folder) => `无法创建数据目录 ${folder}：它所在的磁盘可能是只读的，请换一个 DATA_DIR`,
};
