/** What went wrong, in words for a citizen. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/**
 * Reads from the citizens' API.
 * @throws ApiError also when the network fails or takes longer than 10 s
 */
export async function read<T>(path: string, signal?: AbortSignal): Promise<T> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), 10_000);
  signal?.addEventListener('abort', () => limit.abort());
  try {
    const response = await fetch(`/api/h5${path}`, { signal: limit.signal });
    const body = await response.json();
    if (!response.ok) throw new ApiError(response.status, body?.error?.message ?? '服务暂时不可用');
    return body as T;
  } catch (error) {
    throw error instanceof ApiError ? error : new ApiError(0, '网络不太好，没有加载出来');
  } finally {
    clearTimeout(timer);
  }
}
