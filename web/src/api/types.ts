// The REST and socket contract, v1, in the words the workspace uses. The shapes are the program's own (schema.ts,
// generated from its OpenAPI document); here they get names, and what a description cannot say.
import type { components } from './schema';

type Schemas = components['schemas'];

/** An absent list or value is left out of an answer, never null. */
type Solid<T> = T extends (infer U)[]
  ? Solid<U>[]
  : T extends object
    ? { [K in keyof T]: Solid<Exclude<T[K], null>> }
    : T;
type Shape<Name extends keyof Schemas> = Solid<Schemas[Name]>;
/** A shape some of whose properties are said more precisely. */
type Said<T, More> = Omit<T, keyof More> & More;

/** An int64 as a string. */
export type ID = string;
/** RFC 3339 in UTC. */
export type Time = string;
export type Problem = Shape<'Problem'>;
export interface List<T> {
  items: T[];
  next?: string;
}

// ---- people
export type User = Shape<'User'>;
export type Presence = User['presence'];
export type Settings = Shape<'Settings'>;
export type Workspace = Shape<'Workspace'>;
export type Me = Shape<'Me'>;
export type Role = Shape<'Role'>;
/** Labels: i18n permissions.<key> */
export type PermissionInfo = Shape<'PermissionInfo'>;
export type Team = Shape<'Team'>;
export type Invite = Shape<'Invite'>;
export type Session = Shape<'Session'>;
export type Token = Shape<'Token'>;
export type AuditEntry = Shape<'AuditEntry'>;

// ---- inboxes and channels
export type Hours = Shape<'Hours'>;
export type Inbox = Shape<'Inbox'>;
/** Kinds are an open set for the program; these have names, icons and colours here. */
export type ChannelKind = 'telegram' | 'whatsapp' | 'max' | 'webchat' | 'phone' | 'email';
type OfKind<T> = Said<T, { kind: ChannelKind }>;
/** reason: i18n reasons.<reason> and mend.<reason> */
export type Health = Shape<'Health'>;
export type HealthState = Health['state'];
/** Labels: i18n channels.<kind>.<name>.label and .help */
export type FormField = Shape<'Field'>;
export type ChannelKindInfo = OfKind<Shape<'ChannelKind'>>;
export type FileLimit = Shape<'FileLimit'>;
export type Capabilities = Said<
  Shape<'Capabilities'>,
  { attachments: Partial<Record<AttachmentKind, FileLimit>> }
>;
export type Channel = Said<
  Shape<'Channel'>,
  { kind: ChannelKind; capabilities: Capabilities; settings: Record<string, string> }
>;
export type TemplateInfo = Said<Shape<'TemplateInfo'>, { buttons: Button[] }>;
export type InboundFailure = Shape<'InboundFailure'>;

// ---- messages
export type MarkType = Capabilities['marks'][number];
/** Offset and length in UTF-16 code units. */
export type Mark = Said<Shape<'Mark'>, { type: MarkType }>;
export type FileInfo = Shape<'File'>;
export type AttachmentKind = FileInfo['kind'];
export type ButtonKind = Capabilities['buttons']['kinds'][number];
export type Button = Said<Shape<'Button'>, { kind: ButtonKind }>;
export type Location = Shape<'Location'>;
export type Card = Shape<'Card'>;
export type Template = Shape<'Template'>;
export type Content = Said<
  Shape<'Content'>,
  { marks?: Mark[]; buttons?: Button[][]; pressed?: Button; template?: Template }
>;
export type Author = Shape<'Author'>;
/** event.type: i18n events.<type> */
export type Item = Said<Shape<'Item'>, { content: Content }>;
export type ItemKind = Item['kind'];
export type ItemState = NonNullable<Item['state']>;
export type Edition = Said<Shape<'Edition'>, { content: Content }>;

// ---- conversations
export type Preview = Shape<'Preview'>;
export type ContactBrief = Shape<'ContactBrief'>;
export type Conversation = Said<Shape<'Conversation'>, { channel_kinds: ChannelKind[] }>;
export type Status = Conversation['status'];
export type Counts = Said<Shape<'Counts'>, { by_view: Record<ID, number> }>;
export type Target = Said<OfKind<Shape<'Target'>>, { capabilities: Capabilities }>;
export type Draft = Shape<'Draft'>;
export type Filter = Said<Shape<'Filter'>, { channel_kind?: ChannelKind }>;
export type View = Said<Shape<'View'>, { filter: Filter }>;

// ---- contacts
export type Identity = OfKind<Shape<'Identity'>>;
export type Contact = Said<
  Shape<'Contact'>,
  { fields: Record<string, string | number | boolean | null>; identities: Identity[] }
>;
export type ContactNote = Shape<'ContactNote'>;
export type Suggestion = Shape<'Suggestion'>;
export type Merge = Shape<'Merge'>;
export type Tag = Shape<'Tag'>;
export type ContactField = Shape<'ContactField'>;
/** text knows {{contact.name}} {{contact.first_name}} {{agent.name}} {{inbox.name}} {{contact.fields.KEY}} */
export type CannedReply = Shape<'CannedReply'>;

// ---- the rest
export type SearchHit = Said<Shape<'SearchHit'>, { item?: Item; conversation?: Conversation }>;
export type Notification = Shape<'Notification'>;
export type Webhook = Shape<'Webhook'>;
export type Delivery = Shape<'Delivery'>;

/** One fact of the live stream, with the thing it is about as it is now. */
export interface Event {
  id: ID;
  type: string;
  at: Time;
  /** Without what is each agent's own (unread, mentioned, draft). */
  conversation?: Conversation;
  item?: Item;
  contact?: Contact;
  channel?: Channel;
  user?: User;
  notification?: Notification;
  ids?: Record<string, ID>;
}
