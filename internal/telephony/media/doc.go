// Package media is what happens to sound between packets: it is heard,
// relayed, transcoded, mixed, played, listened to for digits, and made into
// the listening copy of a recording.
//
// Sound is 16-bit linear in one channel, handled 20 ms at a time by tasks that
// a [Pacer] calls. A leg's peer is heard by an [Ear], which evens out the
// network's jitter, conceals losses and follows the peer's clock; a leg is
// spoken to by a [Mouth], which encodes. Where both sides share a format a
// [Relay] passes packets on untouched.
package media
