// The widget's side of the protocol of internal/channel/webchat.

export type Lang = 'ru' | 'en';
export type Texts = Record<Lang, string>;
export type Need = 'no' | 'optional' | 'required';

export interface Config {
  title: Texts;
  color: string;
  position: 'right' | 'left';
  theme: 'auto' | 'light' | 'dark';
  language: 'auto' | Lang;
  greeting: Texts;
  proactive?: { text: Texts; delay: number };
  ask: Record<'name' | 'phone' | 'email', Need>;
  consent?: { text: Texts; url?: string };
  open: boolean;
  online: boolean;
  opens_at?: string;
  offline: Texts;
  offline_ask: boolean;
  files: boolean;
  voice: boolean;
  max_file: number;
  max_text: number;
  identity: boolean;
  powered_by: boolean;
}

export type FileKind = 'image' | 'video' | 'audio' | 'voice' | 'document' | 'sticker' | 'animation';

export interface FileRef {
  id: string;
  kind: FileKind;
  name: string;
  mime: string;
  size: number;
  duration?: number;
  width?: number;
  height?: number;
  peaks?: number[];
  url?: string;
}

export interface Mark {
  type: string;
  offset: number;
  length: number;
  url?: string;
}

export interface Button {
  kind: 'callback' | 'url' | 'request_phone';
  text: string;
  payload?: string;
  url?: string;
}

export interface Quote {
  id: string;
  own?: boolean;
  text?: string;
  kind?: FileKind;
}

export interface Profile {
  name?: string;
  phone?: string;
  email?: string;
}

export interface Card {
  name?: string;
  phones?: string[];
  emails?: string[];
}

export interface Content {
  text?: string;
  marks?: Mark[];
  files?: FileRef[];
  location?: { latitude: number; longitude: number; title?: string; address?: string };
  contacts?: Card[];
  buttons?: Button[][];
  quote?: Quote;
  emoji?: string;
  profile?: boolean;
}

export interface Entry extends Content {
  seq: number;
  id: string;
  kind: 'message' | 'edit' | 'deletion' | 'reaction' | 'press';
  /** Written by the business. */
  own: boolean;
  ref?: string;
  author?: string;
  at: string;
  deleted?: boolean;
}

export interface Marks {
  read: number;
  delivered: number;
  agent_read: number;
}

export interface Batch extends Marks {
  type: 'batch';
  entries: Entry[];
  more: boolean;
  activity?: string;
}

export interface Session extends Marks {
  token?: string;
  visitor: string;
  user?: string;
  profile: Profile;
  consent: boolean;
}

export type Identity = { jwt: string } | { user_id: string; exp: number; hash: string };

/** An answer of the server that is not a success; status 0: no answer at all. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly field?: string,
    readonly params?: Record<string, unknown>,
    readonly retryAfter = 0,
  ) {
    super(code);
  }
  /** The same request may work later. */
  get passing(): boolean {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}
