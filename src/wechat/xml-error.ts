/** Why a body was refused: one short word, fit for a metric's label. Never carries the body itself. */
export type XmlFault =
  | 'utf8'
  | 'empty'
  | 'doctype'
  | 'entity'
  | 'too-deep'
  | 'too-many-elements'
  | 'malformed'
  | 'root'
  | 'no-sender'
  | 'reply';

/** A body that is not what WeChat sends (or, for the simulator, not what WeChat takes). */
export class XmlError extends Error {
  constructor(
    readonly code: XmlFault,
    detail = '',
  ) {
    super(detail ? `${code}: ${detail}` : code);
    this.name = 'XmlError';
  }
}
