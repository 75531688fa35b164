/** How an authority may check a name. Not in acmeschema.ts, so that the server need not load what schemas are made with. */
export const CHALLENGE_TYPES = ["http-01", "tls-alpn-01"] as const;
export type ChallengeType = (typeof CHALLENGE_TYPES)[number];
