import common from './en/common.json';
import composer from './en/composer.json';
import contact from './en/contact.json';
import conversations from './en/conversations.json';
import errors from './en/errors.json';
import events from './en/events.json';
import reasons from './en/reasons.json';
import timeline from './en/timeline.json';

export default { common, composer, contact, conversations, errors, events, reasons, timeline };
