/** What can go wrong with a back end, as it is counted, and in words for staff. */
const words = {
  timeout: '没有在时限内应答',
  unreachable: '连不上：没有人监听、找不到主机，或证书不对',
  disconnected: '没有答完就断开了',
  paused: '接连没有应答，暂停了一会儿，稍后自动再试',
  address: '这个地址在本机或是云服务器的元数据地址，不许调用；确实需要时见配置 cases.remote 的 localHosts',
  redirect: '要求转到别处，没有跟去；请把最后的网址写进描述',
  status: '答了一个错误',
  'too-large': '应答超过 1 MB，没有读完',
  packed: '应答是压缩过的，这里只收不压缩的',
  charset: '应答的文字编码不对',
  format: '应答不是约定的格式',
  doctype: 'XML 里有 DOCTYPE，不收',
  refused: '应答里的结果代码不是成功',
  mapping: '应答里的办件读不懂',
} as const;
export type FaultKind = keyof typeof words;

/** Nothing usable came from a back end. Neither what was asked nor what was answered is in its message. */
export class RemoteFault extends Error {
  override name = 'RemoteFault';
  constructor(
    readonly kind: FaultKind,
    detail = '',
    /** of HTTP, where one came */
    readonly status?: number,
  ) {
    super(detail ? `${words[kind]}（${detail}）` : words[kind]);
  }

  /** The way there failed, or the back end itself: it may be better in a moment. */
  get passing(): boolean {
    return (
      ['timeout', 'unreachable', 'disconnected'].includes(this.kind) ||
      (this.kind === 'status' && (this.status! >= 500 || this.status === 429))
    );
  }
}
