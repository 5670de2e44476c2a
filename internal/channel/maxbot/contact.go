package maxbot

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"

	"github.com/okno-hq/okno/internal/channel"
)

// card reads a contact. It is the sender's own only when the platform says so
// (max_info) and its hash proves that the card was made for this bot. No
// sender means that the card was passed on.
func (a *adapter) card(p payload, sender *user) channel.Card {
	out := parseVCard(string(p.VCF))
	owner := p.Owner.v
	if out.Name == "" {
		out.Name = owner.person("").Name
	}
	mine := sender != nil && owner != nil && owner.ID != 0 && owner.ID == sender.ID
	out.Own = mine && len(out.Phones) > 0 && a.proven(string(p.VCF), string(p.Hash))
	return out
}

// proven checks the hash of an answer to request_contact: HMAC-SHA-256 over
// the card, keyed with the bot's token. Hexadecimal is what is seen; base64 is
// understood too.
func (a *adapter) proven(vcf, hash string) bool {
	if vcf == "" || hash == "" {
		return false
	}
	// Line breaks reach some bots escaped once too often.
	for _, form := range []string{vcf, strings.ReplaceAll(vcf, `\r\n`, "\r\n")} {
		mac := hmac.New(sha256.New, []byte(a.settings.token))
		mac.Write([]byte(form))
		sum := mac.Sum(nil)
		if hmac.Equal([]byte(hex.EncodeToString(sum)), []byte(strings.ToLower(hash))) ||
			hmac.Equal([]byte(base64.StdEncoding.EncodeToString(sum)), []byte(hash)) {
			return true
		}
	}
	return false
}

// parseVCard reads the little of a vCard (RFC 6350) that matters: names,
// phones, addresses of mail. Lines may be folded.
func parseVCard(vcf string) channel.Card {
	out := channel.Card{VCard: vcf}
	flat := strings.ReplaceAll(strings.ReplaceAll(vcf, `\r\n`, "\n"), "\r\n", "\n")
	flat = strings.ReplaceAll(strings.ReplaceAll(flat, "\n ", ""), "\n\t", "")
	structured := ""
	for line := range strings.SplitSeq(flat, "\n") {
		head, value, ok := strings.Cut(strings.TrimRight(line, "\r"), ":")
		if !ok {
			continue
		}
		name, _, _ := strings.Cut(head, ";")
		if _, after, grouped := strings.Cut(name, "."); grouped {
			name = after
		}
		value = strings.TrimSpace(strings.NewReplacer(`\,`, ",", `\;`, ";", `\n`, " ", `\\`, `\`).Replace(value))
		if value == "" {
			continue
		}
		switch strings.ToUpper(name) {
		case "FN":
			out.Name = value
		case "N":
			parts := strings.Split(value, ";")
			if len(parts) > 1 {
				parts[0], parts[1] = parts[1], parts[0]
			}
			structured = strings.Join(strings.Fields(strings.Join(parts, " ")), " ")
		case "TEL":
			if phone := international(strings.TrimPrefix(value, "tel:")); phone != "" {
				out.Phones = append(out.Phones, phone)
			}
		case "EMAIL":
			out.Emails = append(out.Emails, value)
		}
	}
	if out.Name == "" {
		out.Name = structured
	}
	return out
}

// international writes a phone with the plus that the platform's cards leave
// out for the countries it serves; other numbers stay as they are.
func international(value string) string {
	d := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, value)
	if len(d) < 5 || len(d) > 15 {
		return ""
	}
	plain := (len(d) == 11 && d[0] == '7') || (len(d) == 12 && strings.HasPrefix(d, "375"))
	if plain || strings.HasPrefix(strings.TrimSpace(value), "+") {
		return "+" + d
	}
	return d
}

// vcard writes a card for the platform.
func vcard(c channel.Card) string {
	if c.VCard != "" && len(c.VCard) < 16<<10 {
		return c.VCard
	}
	escape := strings.NewReplacer(`\`, `\\`, ",", `\,`, ";", `\;`, "\r", "", "\n", `\n`)
	var b strings.Builder
	b.WriteString("BEGIN:VCARD\r\nVERSION:3.0\r\n")
	for _, phone := range c.Phones {
		b.WriteString("TEL;TYPE=cell:" + escape.Replace(phone) + "\r\n")
	}
	for _, mail := range c.Emails {
		b.WriteString("EMAIL:" + escape.Replace(mail) + "\r\n")
	}
	b.WriteString("FN:" + escape.Replace(c.Name) + "\r\nEND:VCARD\r\n")
	return b.String()
}
