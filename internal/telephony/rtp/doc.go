// Package rtp carries the sound of calls over the network: RTP and RTCP
// (RFC 3550, 3551), protected by SRTP where agreed (RFC 3711, 4568, 7714).
//
// A [Stream] is one leg's sound. What the peer sends is validated, counted
// and handed to the stream's [Sink]; what is sent to the peer comes from
// whichever [Source] is current, and looks to the peer like one unbroken
// stream across hold, transfer, prompts and bridges. Streams belong to an
// [Engine], which owns the sockets, the goroutines that read them and the
// once-a-second work of reports and quality.
//
// Nothing here allocates memory per packet, and nothing blocks: a packet that
// cannot be sent or stored at once is counted as lost.
package rtp
