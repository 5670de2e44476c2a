// The REST and socket contract, v1, as the server publishes it under /api/v1: JSON in snake_case, ids are
// strings holding int64, times RFC 3339 in UTC.
export type ID = string;
export type Time = string;

export interface Problem {
  type: string;
  title: string;
  status: number;
  code: string;
  detail?: string;
  field?: string;
  params?: Record<string, unknown>;
  retry_after?: number;
}
export interface List<T> {
  items: T[];
  next?: string;
}

// ---- people
export type Presence = 'online' | 'away' | 'offline'; // later: on_call, wrap_up
export interface User {
  id: ID;
  name: string;
  email: string;
  role_id: ID;
  role_name: string;
  avatar_url?: string;
  presence: Presence;
  team_ids: ID[];
  disabled: boolean;
  locale: 'ru' | 'en';
  capacity: number /* open conversations, 0 = no limit */;
  last_seen_at?: Time;
  invited?: boolean;
}
export interface Settings {
  send_by: 'enter' | 'ctrl_enter';
  theme: 'system' | 'light' | 'dark';
  sound: boolean;
  desktop: boolean;
  push: boolean;
}
export interface Me {
  user: User;
  workspace: Workspace;
  permissions: string[];
  settings: Settings;
  vapid_key?: string;
  version: string;
  event_id: ID /* newest event: start the socket from here */;
}
export interface Workspace {
  id: ID;
  name: string;
  locale: 'ru' | 'en';
  timezone: string;
  country: string /* RU */;
  base_url: string;
  demo: boolean;
}
export interface Role {
  id: ID;
  key?: 'agent' | 'supervisor' | 'admin';
  name: string;
  permissions: string[];
  users: number;
}
export interface PermissionInfo {
  key: string;
  group: string;
} // labels: i18n permissions.<key>
export interface Team {
  id: ID;
  name: string;
  user_ids: ID[];
}
export interface Invite {
  url: string;
  expires_at: Time;
}
export interface Session {
  id: ID;
  current: boolean;
  ip: string;
  user_agent: string;
  created_at: Time;
  last_seen_at: Time;
}
export interface Token {
  id: ID;
  name: string;
  prefix: string;
  created_at: Time;
  last_used_at?: Time;
  expires_at?: Time;
  secret?: string /* only in the answer to POST */;
}

// ---- inboxes and channels
export interface Hours {
  timezone: string;
  always: boolean;
  week: { day: number /* 1 Mon … 7 Sun */; from: string /* 09:00 */; to: string }[];
  holidays: { date: string; name?: string; from?: string; to?: string }[];
}
export interface Inbox {
  id: ID;
  name: string;
  color: string;
  team_ids: ID[] /* [] = everybody */;
  hours: Hours;
  open_now: boolean;
  routing: { mode: 'manual' | 'round_robin' | 'least_busy'; capacity: number; only_online: boolean };
  reopen_hours: number /* a word after resolve reopens within */;
  greeting: string;
  away_message: string;
  channels: number;
  open: number;
}
export type ChannelKind = 'telegram' | 'whatsapp' | 'max' | 'webchat' | 'phone' | 'email';
export type HealthState = 'working' | 'degraded' | 'failing' | 'unknown' | 'disabled';
export interface Health {
  state: HealthState;
  reason?: string /* i18n reasons.<reason> and mend.<reason> */;
  detail?: string;
  since: Time;
  checked_at?: Time;
  account?: string;
  pending?: number;
  last_inbound_at?: Time;
  facts?: Record<string, string>;
}
export interface FormField {
  name: string;
  type: 'text' | 'url' | 'choice' | 'bool' | 'pem' | 'list';
  secret: boolean;
  required: boolean;
  advanced: boolean;
  default?: string;
  options?: string[];
} // i18n channels.<kind>.<name>.label/help
export interface ChannelKindInfo {
  kind: ChannelKind;
  fields: FormField[];
}
export interface FileLimit {
  max_bytes: number;
  mime?: string[];
}
export interface Capabilities {
  text: number;
  caption: number;
  marks: MarkType[];
  attachments: Partial<Record<AttachmentKind, FileLimit>>;
  album: number;
  album_kinds: AttachmentKind[];
  location: boolean;
  contact: boolean;
  reply: boolean;
  edit: boolean;
  edit_within?: number /* s */;
  delete: boolean;
  delete_within?: number;
  react: boolean;
  reactions?: string[];
  typing: boolean;
  mark_read: boolean;
  delivered: boolean;
  read: boolean;
  buttons: { max: number; text: number; payload: number; kinds: ButtonKind[] };
  template: boolean;
  window?: number /* s */;
  start_first: boolean;
}
export interface Channel {
  id: ID;
  kind: ChannelKind;
  name: string;
  inbox_id: ID;
  enabled: boolean;
  health: Health;
  capabilities: Capabilities;
  settings: Record<string, string>;
  secrets_set: string[] /* names of secrets that have a value */;
  webhook_url?: string;
  embed?: string /* webchat: the script line */;
  created_at: Time;
}
export interface TemplateInfo {
  name: string;
  language: string;
  category: string;
  status: string;
  header?: string;
  body: string;
  footer?: string;
  variables: { key: string; example: string }[];
  buttons: Button[];
}

// ---- messages
export type MarkType =
  | 'bold'
  | 'italic'
  | 'underline'
  | 'strike'
  | 'code'
  | 'pre'
  | 'quote'
  | 'link'
  | 'spoiler'
  | 'mention';
export interface Mark {
  type: MarkType;
  offset: number;
  length: number;
  url?: string;
} // UTF-16 units
export type AttachmentKind = 'image' | 'video' | 'audio' | 'voice' | 'document' | 'sticker' | 'animation';
export interface FileInfo {
  id: ID;
  kind: AttachmentKind;
  name: string;
  mime: string;
  size: number;
  duration?: number /* s, float */;
  width?: number;
  height?: number;
  peaks?: number[] /* 0..255 */;
  emoji?: string;
  transcript?: string;
  state: 'pending' | 'ready' | 'failed' | 'expired';
  reason?: string;
  url?: string /* when ready; /api/v1/files/{id}/content */;
  thumb_url?: string;
  download_url?: string;
}
export type ButtonKind = 'callback' | 'url' | 'request_phone' | 'request_location';
export interface Button {
  kind: ButtonKind;
  text: string;
  payload?: string;
  url?: string;
}
export interface Location {
  latitude: number;
  longitude: number;
  title?: string;
  address?: string;
  live?: boolean;
}
export interface Card {
  name?: string;
  phones?: string[];
  emails?: string[];
  own?: boolean;
}
export interface Template {
  name: string;
  language: string;
  variables?: Record<string, string>;
  body?: string;
}
export interface Content {
  text?: string;
  marks?: Mark[];
  location?: Location;
  contacts?: Card[];
  buttons?: Button[][];
  template?: Template;
  pressed?: Button;
  unsupported?: string;
  forwarded?: string;
}
export type ItemKind = 'message' | 'note' | 'event' | 'call' | 'voicemail';
export type ItemState =
  | 'scheduled'
  | 'queued'
  | 'sending'
  | 'sent'
  | 'delivered'
  | 'read'
  | 'failed'
  | 'uncertain'
  | 'cancelled';
export interface Author {
  type: 'user' | 'contact' | 'system' | 'device' /* owner's phone */;
  id?: ID;
  name: string;
}
export interface Item {
  id: ID;
  conversation_id: ID;
  contact_id: ID;
  kind: ItemKind;
  direction: 'in' | 'out' | '';
  channel_id?: ID;
  chat_id?: ID;
  author: Author;
  at: Time;
  content: Content;
  files: FileInfo[];
  album?: string /* messages that the platform sent as one */;
  reply_to?: { item_id?: ID; author?: string; text: string; kind?: AttachmentKind };
  state?: ItemState;
  reason?: string /* i18n reasons.<reason> */;
  detail?: string;
  scheduled_at?: Time;
  retry_at?: Time;
  edited_at?: Time;
  deleted_at?: Time;
  deleted_by?: 'contact' | 'user';
  reactions: { emoji: string; by: 'contact' | 'user'; user_id?: ID }[];
  mentions?: ID[];
  client_id?: string;
  event?: { type: string; user_id?: ID; data: Record<string, string> }; // i18n events.<type>; types: conversation.created/assigned/unassigned/team_changed/inbox_changed/snoozed/woken/resolved/reopened, contact.merged/unmerged/blocked/unblocked/started, channel.notice
}
export interface Edition {
  at: Time;
  content: Content;
}

// ---- conversations
export type Status = 'open' | 'pending' | 'snoozed' | 'resolved';
export interface Preview {
  kind: ItemKind | 'none';
  direction: 'in' | 'out' | '';
  text: string;
  attachment?: AttachmentKind;
  duration?: number;
  author_id?: ID;
  state?: ItemState;
  at: Time;
}
export interface ContactBrief {
  id: ID;
  name: string;
  avatar_url?: string;
  color: number /* 0..11 */;
  company?: string;
  blocked?: boolean;
}
export interface Conversation {
  id: ID;
  inbox_id: ID;
  contact: ContactBrief;
  status: Status;
  assignee_id?: ID;
  team_id?: ID;
  snoozed_until?: Time;
  waiting_since?: Time;
  preview: Preview;
  channel_id?: ID;
  channel_kinds: ChannelKind[];
  unread: number;
  mentioned: boolean;
  has_draft: boolean;
  group: boolean;
  title?: string;
  tag_ids: ID[] /* the contact's */;
  created_at: Time;
  last_at: Time;
  resolved_at?: Time;
  first_unread_id?: ID /* only from GET one */;
}
export interface Counts {
  mine: number;
  unassigned: number;
  all: number;
  mentions: number;
  unread: number;
  by_view: Record<ID, number>;
}
export interface Target {
  channel_id: ID;
  chat_id?: ID;
  kind: ChannelKind;
  name: string /* channel */;
  to: string /* @name, +7… */;
  available: boolean;
  reason?: string;
  window_until?: Time;
  template_only: boolean;
  default: boolean;
  last_at?: Time;
}
export interface Draft {
  text: string;
  channel_id?: ID;
  note: boolean;
  reply_to?: ID;
  file_ids: ID[];
  updated_at: Time;
}
export interface Filter {
  scope?: 'mine' | 'unassigned' | 'all' | 'mentions';
  status?: Status | 'active' /* open+pending, default */ | 'any';
  inbox_id?: ID;
  channel_kind?: ChannelKind;
  team_id?: ID;
  assignee_id?: ID;
  tag_id?: ID;
  unread?: boolean;
  waiting?: boolean;
  sort?: 'recent' | 'waiting';
}
export interface View {
  id: ID;
  name: string;
  shared: boolean;
  owner_id: ID;
  filter: Filter;
  position: number;
}

// ---- contacts
export interface Identity {
  id: ID;
  kind: 'phone' | 'email' | ChannelKind;
  value: string;
  display: string;
  verified: boolean;
  channel_id?: ID;
  reachable?: boolean;
  created_at: Time;
}
export interface Contact {
  id: ID;
  name: string;
  avatar_url?: string;
  color: number;
  company?: string;
  locale?: string;
  source?: string;
  fields: Record<string, string | number | boolean | null>;
  identities: Identity[];
  tag_ids: ID[];
  blocked: boolean;
  merged_into?: ID;
  conversations: number;
  created_at: Time;
  last_seen_at?: Time;
  consents: { purpose: string; given_at: Time; source: string }[];
}
export interface ContactNote {
  id: ID;
  text: string;
  author_id: ID;
  created_at: Time;
}
export interface Suggestion {
  id: ID;
  contact: ContactBrief;
  reason: string /* same_phone, same_email, similar_name */;
  detail: string;
  score: number;
}
export interface Merge {
  id: ID;
  winner_id: ID;
  loser_id: ID;
  loser_name: string;
  by_user_id?: ID;
  at: Time;
  undone_at?: Time;
}
export interface Tag {
  id: ID;
  name: string;
  color: string;
}
export interface ContactField {
  id: ID;
  key: string;
  label: string;
  type: 'text' | 'number' | 'date' | 'bool' | 'choice' | 'url';
  options: string[];
  position: number;
}
export interface CannedReply {
  id: ID;
  shortcut: string;
  title: string;
  text: string /* {{contact.name}} {{contact.first_name}} {{agent.name}} {{inbox.name}} {{contact.fields.KEY}} */;
  inbox_id?: ID;
  file_ids: ID[];
  files: FileInfo[];
}

// ---- the rest
export interface SearchHit {
  kind: 'message' | 'note' | 'file' | 'contact';
  item?: Item;
  conversation?: Conversation;
  contact: ContactBrief;
  snippet: { text: string; hit: boolean }[];
  at: Time;
}
export interface Notification {
  id: ID;
  kind: 'mention' | 'assigned' | 'channel_failing' | 'webhook_paused' | 'import_done';
  conversation_id?: ID;
  item_id?: ID;
  text: string;
  by_user_id?: ID;
  at: Time;
  read_at?: Time;
}
export interface Webhook {
  id: ID;
  url: string;
  events: string[] /* [] = all */;
  enabled: boolean;
  paused_at?: Time;
  paused_reason?: string;
  secret?: string /* POST and rotate only */;
  created_at: Time;
  failing_since?: Time;
}
export interface Delivery {
  id: ID;
  event_id: ID;
  event_type: string;
  state: 'pending' | 'delivered' | 'failed';
  attempts: number;
  status?: number;
  error?: string;
  next_at?: Time;
  created_at: Time;
  request: string;
  response?: string;
  took_ms?: number;
}
export interface AuditEntry {
  id: ID;
  at: Time;
  user_id?: ID;
  user_name: string;
  action: string;
  target_type?: string;
  target_id?: ID;
  target_name?: string;
  ip?: string;
  detail: Record<string, unknown>;
}
export interface InboundFailure {
  id: ID;
  channel_id: ID;
  received_at: Time;
  state: 'failed' | 'unsupported';
  error: string;
  raw: string;
}
export interface Event {
  id: ID;
  type: string;
  at: Time;
  conversation?: Conversation /* without per-agent unread: take yours */;
  item?: Item;
  contact?: Contact;
  channel?: Channel;
  user?: User;
  notification?: Notification;
  ids?: Record<string, ID> /* conversation_id, item_id, contact_id, … */;
}
