package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"
)

// client is one keep-alive HTTP/1.1 connection. It exists because the load
// generator shares the machine with the server it measures: net/http's client
// costs about as much as its server, and would halve every figure.
type client struct {
	conn net.Conn
	in   *bufio.Reader
	body []byte // reused from answer to answer
}

// answer is one HTTP response. Its body is overwritten by the next answer on
// the same connection.
type answer struct {
	status int
	body   []byte
}

// errNotKept means that the server ends the connection after its answer: what
// would be measured then is dialling.
var errNotKept = errors.New("the server does not keep the connection")

func dial(addr string) (*client, error) {
	conn, err := net.DialTimeout("tcp", addr, 5*time.Second)
	if err != nil {
		return nil, err
	}
	return &client{conn: conn, in: bufio.NewReaderSize(conn, 32<<10)}, nil
}

func (c *client) close() { _ = c.conn.Close() }

// do sends a request that was rendered beforehand and reads the whole answer.
// After an error the connection is of no more use.
func (c *client) do(raw []byte) (answer, error) {
	if _, err := c.conn.Write(raw); err != nil {
		return answer{}, fmt.Errorf("send: %w", err)
	}
	a, err := readAnswer(c.in, c.body[:0])
	if err != nil {
		return answer{}, fmt.Errorf("receive: %w", err)
	}
	c.body = a.body
	return a, nil
}

// framing is what the headers say about where the answer ends.
type framing struct {
	length  int // -1: not said
	chunked bool
	closing bool
}

// readAnswer reads one response and appends its body to buf.
func readAnswer(in *bufio.Reader, buf []byte) (answer, error) {
	status, err := readStatus(in)
	if err != nil {
		return answer{}, err
	}
	f, err := readHeaders(in)
	if err != nil {
		return answer{}, err
	}
	body := buf
	switch {
	case status == 204 || status == 304:
	case f.chunked:
		body, err = readChunks(in, buf)
	case f.length >= 0:
		body, err = readN(in, buf, f.length)
	default:
		return answer{}, errNotKept // the body would end with the connection
	}
	if err != nil {
		return answer{}, err
	}
	if f.closing {
		return answer{status, body}, errNotKept
	}
	return answer{status, body}, nil
}

// readStatus reads "HTTP/1.1 200 OK".
func readStatus(in *bufio.Reader) (int, error) {
	line, err := readLine(in)
	if err != nil {
		return 0, err
	}
	if len(line) < 12 || !bytes.HasPrefix(line, []byte("HTTP/1.1 ")) {
		return 0, fmt.Errorf("not a status line: %q", line)
	}
	status, err := strconv.Atoi(string(line[9:12]))
	if err != nil || status < 200 || status > 599 {
		return 0, fmt.Errorf("not a final status: %q", line)
	}
	return status, nil
}

func readHeaders(in *bufio.Reader) (framing, error) {
	f := framing{length: -1}
	for {
		line, err := readLine(in)
		if err != nil {
			return f, err
		}
		if len(line) == 0 {
			return f, nil
		}
		name, value, found := bytes.Cut(line, []byte(":"))
		if !found {
			return f, fmt.Errorf("not a header: %q", line)
		}
		value = bytes.TrimSpace(value)
		switch {
		case is(name, "content-length"):
			if f.length, err = strconv.Atoi(string(value)); err != nil || f.length < 0 {
				return f, fmt.Errorf("not a length: %q", line)
			}
		case is(name, "transfer-encoding"):
			f.chunked = is(value, "chunked")
		case is(name, "connection"):
			f.closing = is(value, "close")
		}
	}
}

// is compares a header's name or value. The lengths are compared first, so
// that most headers cost nothing.
func is(got []byte, want string) bool {
	return len(got) == len(want) && bytes.EqualFold(got, []byte(want))
}

func readChunks(in *bufio.Reader, buf []byte) ([]byte, error) {
	for {
		line, err := readLine(in)
		if err != nil {
			return buf, err
		}
		digits, _, _ := bytes.Cut(line, []byte(";"))
		size, err := strconv.ParseUint(string(bytes.TrimSpace(digits)), 16, 31)
		if err != nil {
			return buf, fmt.Errorf("not a chunk size: %q", line)
		}
		if size == 0 {
			return buf, skipTrailer(in)
		}
		if buf, err = readN(in, buf, int(size)); err != nil {
			return buf, err
		}
		if line, err = readLine(in); err != nil {
			return buf, err
		}
		if len(line) != 0 {
			return buf, fmt.Errorf("chunk of %d bytes goes on with %q", size, line)
		}
	}
}

func skipTrailer(in *bufio.Reader) error {
	for {
		line, err := readLine(in)
		if err != nil || len(line) == 0 {
			return err
		}
	}
}

// readN appends exactly n bytes to buf.
func readN(in *bufio.Reader, buf []byte, n int) ([]byte, error) {
	start := len(buf)
	if cap(buf)-start < n {
		grown := make([]byte, start, 2*cap(buf)+n)
		copy(grown, buf)
		buf = grown
	}
	buf = buf[:start+n]
	if _, err := io.ReadFull(in, buf[start:]); err != nil {
		return buf[:start], fmt.Errorf("body of %d bytes: %w", n, err)
	}
	return buf, nil
}

// readLine returns a line without its end. It stays valid until the next read.
func readLine(in *bufio.Reader) ([]byte, error) {
	line, err := in.ReadSlice('\n')
	if err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(line[:len(line)-1], []byte("\r")), nil
}
