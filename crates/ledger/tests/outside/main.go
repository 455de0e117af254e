// Checks a ledger's checkpoints and proofs with code that onshin did not write: golang.org/x/mod/sumdb.
//
// Usage: main.go KEY-FILE CASES-FILE. Each line of the cases is
//
//	checkpoint <base64 of the note>
//	inclusion <base64 of the note> <entry> <leaf> <hash,hash,…>
//	consistency <base64 of the newer note> <base64 of the older note> <hash,hash,…>
//
// and is answered by "accepted" or "refused: why" on a line of its own.
package main

import (
	"bufio"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type checkpoint struct {
	size int64
	root tlog.Hash
}

func hash(text string) (tlog.Hash, error) {
	var h tlog.Hash
	bytes, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(bytes) != len(h) {
		return h, errors.New("not a hash: " + text)
	}
	copy(h[:], bytes)
	return h, nil
}

func hashes(text string) ([]tlog.Hash, error) {
	if text == "-" {
		return nil, nil
	}
	var all []tlog.Hash
	for _, one := range strings.Split(text, ",") {
		h, err := hash(one)
		if err != nil {
			return nil, err
		}
		all = append(all, h)
	}
	return all, nil
}

// open checks the signature and reads origin, size and root (C2SP tlog-checkpoint).
func open(text string, verifier note.Verifier) (checkpoint, error) {
	var said checkpoint
	message, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return said, err
	}
	opened, err := note.Open(message, note.VerifierList(verifier))
	if err != nil {
		return said, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[0] != verifier.Name() {
		return said, errors.New("not a checkpoint of this ledger")
	}
	if said.size, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return said, err
	}
	said.root, err = hash(lines[2])
	return said, err
}

func check(words []string, verifier note.Verifier) error {
	said, err := open(words[1], verifier)
	if err != nil {
		return err
	}
	switch words[0] {
	case "checkpoint":
		return nil
	case "inclusion":
		entry, err := strconv.ParseInt(words[2], 10, 64)
		if err != nil {
			return err
		}
		leaf, err := hash(words[3])
		if err != nil {
			return err
		}
		path, err := hashes(words[4])
		if err != nil {
			return err
		}
		return tlog.CheckRecord(tlog.RecordProof(path), said.size, said.root, entry, leaf)
	case "consistency":
		older, err := open(words[2], verifier)
		if err != nil {
			return err
		}
		path, err := hashes(words[3])
		if err != nil {
			return err
		}
		return tlog.CheckTree(tlog.TreeProof(path), said.size, said.root, older.size, older.root)
	}
	return errors.New("no such case: " + words[0])
}

func main() {
	key, err := os.ReadFile(os.Args[1])
	if err != nil {
		panic(err)
	}
	verifier, err := note.NewVerifier(strings.TrimSpace(string(key)))
	if err != nil {
		panic(err)
	}
	cases, err := os.Open(os.Args[2])
	if err != nil {
		panic(err)
	}
	lines := bufio.NewScanner(cases)
	lines.Buffer(make([]byte, 1<<20), 1<<20)
	for lines.Scan() {
		if err := check(strings.Fields(lines.Text()), verifier); err != nil {
			fmt.Println("refused:", err)
		} else {
			fmt.Println("accepted")
		}
	}
}
