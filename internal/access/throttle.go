package access

import (
	"context"
	"net/netip"
	"time"
)

// Free failures before a key is blocked, and how the block grows.
const (
	freeByEmail  = 5
	freeByIP     = 30 // an office shares one
	firstBlock   = 2 * time.Second
	longestBlock = 15 * time.Minute
	forgetAfter  = 24 * time.Hour
)

type throttleKey struct {
	key  string
	free int
}

func emailKey(email string) throttleKey {
	// No user has a longer address, and keys are stored.
	return throttleKey{"email:" + clip(NormaliseEmail(email), maxEmail), freeByEmail}
}

// ipKey counts an IPv6 network of 64 bits as one: its holder has them all.
func ipKey(ip string) throttleKey {
	if addr, err := netip.ParseAddr(ip); err == nil {
		addr = addr.Unmap().WithZone("")
		ip = addr.String()
		if p, err := addr.Prefix(64); err == nil && addr.Is6() {
			ip = p.String()
		}
	}
	return throttleKey{"ip:" + clip(ip, maxEmail), freeByIP}
}

// countAttempt counts an attempt as failed before the password is looked at:
// a thousand parallel guesses are a thousand failures, not one. A blocked key
// is ErrThrottled with the time to wait.
func (s *Service) countAttempt(ctx context.Context, keys []throttleKey) error {
	return s.d.Tx.Write(ctx, func(ctx context.Context) error {
		now := s.now()
		counts := make([]int, len(keys))
		for i, k := range keys {
			failures, until, updated, err := s.d.Throttle.Throttled(ctx, k.key)
			if err != nil {
				return err
			}
			if until.After(now) {
				return ErrThrottled.After(until.Sub(now)).With("seconds", int(until.Sub(now).Seconds())+1)
			}
			if now.Sub(updated) > forgetAfter {
				failures = 0
			}
			counts[i] = failures + 1
		}
		for i, k := range keys {
			if err := s.d.Throttle.SetThrottled(ctx, k.key, counts[i], now.Add(blockFor(counts[i], k.free)), now); err != nil {
				return err
			}
		}
		return nil
	})
}

// blockFor is how long a key is blocked after a number of failures.
func blockFor(failures, free int) time.Duration {
	if failures < free {
		return 0
	}
	d := firstBlock
	for range failures - free {
		if d *= 2; d >= longestBlock {
			return longestBlock
		}
	}
	return d
}

// forgiveAttempt clears what an attempt that succeeded was counted as. An
// address shared by many (an IP) gives back only its own attempt, or one
// good account would let its holder guess at others for ever.
func (s *Service) forgiveAttempt(ctx context.Context, keys []throttleKey) error {
	for i, k := range keys {
		if i == 0 {
			if err := s.d.Throttle.ClearThrottled(ctx, k.key); err != nil {
				return err
			}
			continue
		}
		failures, until, updated, err := s.d.Throttle.Throttled(ctx, k.key)
		if err != nil {
			return err
		}
		failures = max(failures-1, 0)
		if failures < k.free {
			until = time.Time{}
		}
		if err := s.d.Throttle.SetThrottled(ctx, k.key, failures, until, updated); err != nil {
			return err
		}
	}
	return nil
}
