/** A citizen as one account knows them: who is signed in on a page, or chats. */
export type Citizen = { accountId: number; openid: string };
