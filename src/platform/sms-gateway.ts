/**
 * Text messages through whatever the city uses, behind one small HTTP call: `POST {"phone","text"}` with a bearer token, answered
 * with 2xx once it is taken.
 */
export function createSmsGateway(gateway: { url: string; token?: string } | undefined) {
  return {
    /** @throws Error when it is not set up, refuses, or does not answer within 5 s; neither phone nor text is in its message */
    async send({ phone, text }: { phone: string; text: string }): Promise<void> {
      if (!gateway) throw new Error('SMS_URL is not set');
      const response = await fetch(gateway.url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(gateway.token && { authorization: `Bearer ${gateway.token}` }),
        },
        body: JSON.stringify({ phone, text }),
        signal: AbortSignal.timeout(5000),
      });
      if (!response.ok) throw new Error(`the SMS gateway answered ${response.status}`);
    },
  };
}
