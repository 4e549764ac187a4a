package store

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/jmoiron/sqlx"
)

// The seal of anonymous asks. Who asked is written into the book only sealed:
// AES-256-GCM with a key that lies in a file of its own, beside the settings,
// and is in no backup. Whoever has the book alone learns nothing of it: every
// seal has the same length and a nonce of its own, so that two of one person
// look like those of two. Whoever has both can open them, and so can we.
//
// The key is made when the first anonymous ask comes. It is never made anew in
// silence: as long as an anonymous ask is on the list and its key is missing,
// the daemon does not start.

// SealKeyName is the name of the file that holds the key.
const SealKeyName = "anonymous.key"

// ErrSealKey says that anonymous asks are sealed with a key that is not there.
var ErrSealKey = errors.New("the key of anonymous asks is missing")

const (
	sealKeyLength = 32
	sealedPlain   = 32 // of a seal: the member's number, and nothing up to this length
)

// seal is a key that is ready for use.
type seal struct {
	id     string // names the key without telling it
	aead   cipher.AEAD
	lookup []byte // of hashes that must not be guessed from the book alone
}

func newSeal(key []byte) (*seal, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	derive := func(what string) []byte {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(what))
		return mac.Sum(nil)
	}
	return &seal{id: hex.EncodeToString(derive("name")[:8]), aead: aead, lookup: derive("lookup")}, nil
}

// close seals a member's number for one ask and no other.
func (s *seal) close(ask, member int64) ([]byte, error) { return s.closeWith(ask, member, 0) }

// nobody is sealed for whoever left or was forgotten, with the day of that.
const nobody = -1

func (s *seal) closeWith(ask, member, day int64) ([]byte, error) {
	plain := make([]byte, sealedPlain)
	binary.BigEndian.PutUint64(plain, uint64(member))
	binary.BigEndian.PutUint64(plain[8:], uint64(day))
	nonce := make([]byte, s.aead.NonceSize(), s.aead.NonceSize()+sealedPlain+s.aead.Overhead())
	if _, err := rand.Read(nonce); err != nil {
		return nil, err
	}
	return s.aead.Seal(nonce, nonce, plain, sealedFor(ask)), nil
}

// open is the member behind a seal; 0: it is of another key or ask, or nobody
// is behind it any more.
func (s *seal) open(ask int64, sealed []byte) int64 {
	member, _ := s.openWith(ask, sealed)
	return max(member, 0)
}

// since is the day on which a seal's member left or was forgotten; 0: neither.
func (s *seal) since(ask int64, sealed []byte) int64 {
	member, day := s.openWith(ask, sealed)
	if member != nobody {
		return 0
	}
	return day
}

func (s *seal) openWith(ask int64, sealed []byte) (member, day int64) {
	n := s.aead.NonceSize()
	if len(sealed) < n {
		return 0, 0
	}
	plain, err := s.aead.Open(nil, sealed[:n], sealed[n:], sealedFor(ask))
	if err != nil || len(plain) != sealedPlain {
		return 0, 0
	}
	return int64(binary.BigEndian.Uint64(plain)), int64(binary.BigEndian.Uint64(plain[8:]))
}

func sealedFor(ask int64) []byte { return fmt.Appendf(nil, "askfirst asker of %d", ask) }

// hash is a name for something which only the holder of the key can guess.
func (s *seal) hash(text string) string {
	mac := hmac.New(sha256.New, s.lookup)
	mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil))
}

// sealing is the book's key, read when it is first needed.
type sealing struct {
	mu   sync.Mutex
	seal *seal
}

// sealKey is the key; nil: there is none yet.
func (b *Book) sealKey() (*seal, error) {
	b.sealing.mu.Lock()
	defer b.sealing.mu.Unlock()
	if b.sealing.seal != nil {
		return b.sealing.seal, nil
	}
	for _, path := range b.settings.SealKeys {
		raw, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrSealKey, err)
		}
		key, err := hex.DecodeString(strings.TrimSpace(string(raw)))
		if err != nil || len(key) != sealKeyLength {
			return nil, fmt.Errorf("%w: %s is not such a key: it has one line of %d hexadecimal digits; put back the file as it was", ErrSealKey, path, 2*sealKeyLength)
		}
		b.sealing.seal, err = newSeal(key)
		return b.sealing.seal, err
	}
	return nil, nil
}

// makeSealKey makes the key. It lies durably in its file before anything that is
// sealed with it is committed.
func (b *Book) makeSealKey() (*seal, error) {
	key := make([]byte, sealKeyLength)
	if _, err := rand.Read(key); err != nil {
		return nil, err
	}
	if len(b.settings.SealKeys) == 0 {
		return nil, fmt.Errorf("%w, and the settings name no file for it", ErrSealKey)
	}
	var failed error
	for _, path := range b.settings.SealKeys {
		err := writeKey(path, hex.EncodeToString(key)+"\n")
		if err == nil || errors.Is(err, fs.ErrExist) { // another process was quicker
			return b.sealKey()
		}
		failed = errors.Join(failed, err)
	}
	return nil, fmt.Errorf("%w and cannot be made: %w", ErrSealKey, failed)
}

// writeKey makes a file that only its owner may read, whole or not at all, and
// never in the place of another.
func writeKey(path, text string) error {
	file, err := os.CreateTemp(filepath.Dir(path), ".anonymous-*") // 0600
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	_, err = file.WriteString(text)
	if err = errors.Join(err, notSynced(file.Sync()), file.Close()); err != nil {
		return err
	}
	if err := os.Link(file.Name(), path); err != nil { // a rename would replace
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// CheckSeals proves that the askers of all anonymous asks on the list can be
// reached: that the key which sealed them is there.
func (b *Book) CheckSeals(ctx context.Context) error {
	return b.checkSeals(ctx, b.read)
}

func (b *Book) checkSeals(ctx context.Context, q sqlx.QueryerContext) error {
	rows := []struct {
		Key string
		N   int
	}{}
	if err := sqlx.SelectContext(ctx, q, &rows, `SELECT s.key, count(*) AS n FROM ask_sealed s JOIN ask a ON a.number = s.ask WHERE a.state IN ('open', 'helped', 'held') GROUP BY s.key`); err != nil {
		return fmt.Errorf("anonymous asks: %w", err)
	}
	if len(rows) == 0 {
		return nil
	}
	s, err := b.sealKey()
	if err != nil {
		return err
	}
	for _, r := range rows {
		if s != nil && s.id == r.Key {
			continue
		}
		path, what := SealKeyName, "is missing"
		if len(b.settings.SealKeys) > 0 {
			path = b.settings.SealKeys[0]
		}
		if s != nil {
			what = "is another one"
		}
		return fmt.Errorf("%w: who asked in %s is sealed with the key in %s, which %s. Put back the copy that you keep apart from the book. If it is lost for good, take them off the list with askfirst asks withdraw; their askers cannot be told",
			ErrSealKey, anonymousAsks(r.N), path, what)
	}
	return nil
}

func anonymousAsks(n int) string {
	if n == 1 {
		return "1 anonymous ask"
	}
	return fmt.Sprintf("%d anonymous asks", n)
}
