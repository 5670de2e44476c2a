import common from './ru/common.json';
import composer from './ru/composer.json';
import contact from './ru/contact.json';
import conversations from './ru/conversations.json';
import errors from './ru/errors.json';
import events from './ru/events.json';
import reasons from './ru/reasons.json';
import timeline from './ru/timeline.json';

export default { common, composer, contact, conversations, errors, events, reasons, timeline };
