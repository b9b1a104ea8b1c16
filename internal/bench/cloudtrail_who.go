package bench

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// identity appends userIdentity.
func (c *cloudTrail) identity(dst []byte, w who, p *plant) []byte {
	e := &c.e
	account := e.w.accounts[e.account]
	switch w.kind {
	case 's':
		return append(append(append(dst, `{"type":"AWSService","invokedBy":"`...), w.service...), `.amazonaws.com"}`...)
	case '0':
		dst = append(append(dst, `{"type":"Root","principalId":"`...), account...)
		dst = append(append(dst, `","arn":"arn:aws:iam::`...), account...)
		dst = append(append(dst, `:root","accountId":"`...), account...)
		return append(dst, `"}`...)
	case 'u':
		user := e.w.users[w.id]
		dst = e.appendAIDA(append(dst, `{"type":"IAMUser","principalId":"`...), w.id)
		dst = append(append(append(append(dst, `","arn":"arn:aws:iam::`...), account...), `:user/`...), user...)
		dst = append(append(append(dst, `","accountId":"`...), account...), `","accessKeyId":"`...)
		if p != nil && p.what == "key" {
			dst = append(dst, p.text...)
		} else {
			dst = appendBase32(append(dst, "AKIA"...), mixAll(e.w.seed, hashKey, uint64(e.account), uint64(w.id)), 16)
		}
		return append(append(append(dst, `","userName":"`...), user...), `"}`...)
	}
	return c.assumed(dst, w)
}

// assumed appends the identity of a role's session.
func (c *cloudTrail) assumed(dst []byte, w who) []byte {
	e := &c.e
	account, role, h := e.w.accounts[e.account], e.w.roles[w.id], e.sessionHash(w.id, w.session)
	dst = e.appendAROA(append(dst, `{"type":"AssumedRole","principalId":"`...), w.id)
	dst = e.appendSession(append(dst, ':'), w.id, w.session)
	dst = append(append(append(append(dst, `","arn":"arn:aws:sts::`...), account...), `:assumed-role/`...), role...)
	dst = e.appendSession(append(dst, '/'), w.id, w.session)
	dst = append(append(append(dst, `","accountId":"`...), account...), `","accessKeyId":"`...)
	dst = appendBase32(append(dst, "ASIA"...), h, 16)
	dst = e.appendAROA(append(dst, `","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"`...), w.id)
	dst = append(append(append(append(dst, `","arn":"arn:aws:iam::`...), account...), `:role/`...), role...)
	dst = append(append(append(dst, `","accountId":"`...), account...), `","userName":"`...)
	dst = append(append(dst, role...), `"},"attributes":{"creationDate":"`...)
	dst = appendSeconds(dst, e.ms/e.period()*e.period()-int64(h%1800)*1000)
	dst = append(strconv.AppendBool(append(dst, `","mfaAuthenticated":"`...), (w.id+w.session)%4 == 1), `"}`...)
	if (w.id+w.session)%4 == 0 {
		dst = append(dst, `,"ec2RoleDelivery":"2.0"`...)
	}
	return append(dst, `}}`...)
}

// origin appends the address and what follows up to the user agent.
func (c *cloudTrail) origin(dst []byte, w who, p *plant) []byte {
	e := &c.e
	agent := agents[(w.id+w.session)%len(agents)]
	if e.r.percent(10) {
		agent = agents[e.w.agent.draw(e.r)]
	}
	switch {
	case p != nil && p.what == "address":
		dst = append(dst, p.text...)
	case w.kind == 's':
		dst = append(append(dst, w.service...), ".amazonaws.com"...)
	case w.kind == 'r' && (w.id+w.session)%4 == 0:
		dst = appendPrivate(dst, e.w.seed, e.account, w.id*8+w.session)
	case w.kind == 'r' && e.r.percent(70):
		dst = append(dst, e.w.public[(w.id*31+w.session*7)%200]...)
	case e.r.n(200) == 0:
		dst = appendHex(append(dst, "2001:db8:a"...), mixAll(e.w.seed, 77, uint64(w.id)), 3)
		dst = append(dst, "::17"...)
	default:
		dst = append(dst, e.w.public[e.w.publicSkew.draw(e.r)]...)
	}
	dst = append(dst, `","userAgent":"`...)
	switch {
	case p != nil && p.what == "agent":
		return append(append(append(dst, "Mozilla/5.0 (compatible; "...), p.text...), "; +https://scanner.example.com/)"...)
	case p != nil && p.what == "substring":
		return append(append(dst, "aws-sdk-go-v2/1.36.3 app/"...), p.text...)
	case w.kind == 's':
		return append(append(dst, w.service...), ".amazonaws.com"...)
	}
	return append(dst, agent...)
}

const denied = "%s is not authorized to perform: %s:%s because no identity-based policy allows the %s:%s action"

// failure draws whether a call fails: its error code and message, %s standing for what message fills in.
func (c *cloudTrail) failure(t *compiledCall, w who) (code, message string) {
	x := c.e.r.n(1000)
	switch {
	case t.flags&signIn != 0:
		if x < 120 {
			return "", "Failed authentication"
		}
	case w.kind == 's' || x >= 70:
	case x < 48 && t.service == "ec2":
		return "Client.UnauthorizedOperation", "You are not authorized to perform this operation. User: " + denied
	case x < 48:
		return "AccessDenied", "User: " + denied
	case t.service == "s3":
		return "NoSuchKey", "The specified key does not exist."
	case t.service == "iam":
		return "NoSuchEntityException", "The role with name " + c.e.w.roles[c.e.target()] + " cannot be found."
	case t.service == "ec2":
		return "Client.RequestLimitExceeded", "Request limit exceeded."
	case t.service == "secretsmanager" || t.service == "logs":
		return "ResourceNotFoundException", "The specified resource does not exist."
	case x < 60:
		return "ThrottlingException", "Rate exceeded"
	}
	return "", ""
}

func (c *cloudTrail) message(dst []byte, text string, t *compiledCall, w who) []byte {
	if !strings.Contains(text, "%s") {
		return append(dst, text...)
	}
	e := &c.e
	arn := append(make([]byte, 0, 128), "arn:aws:"...)
	switch w.kind {
	case 'r':
		arn = append(append(append(arn, "sts::"+e.w.accounts[e.account]+":assumed-role/"...), e.w.roles[w.id]...), '/')
		arn = e.appendSession(arn, w.id, w.session)
	case 'u':
		arn = append(arn, "iam::"+e.w.accounts[e.account]+":user/"+e.w.users[w.id]...)
	default:
		arn = append(arn, "iam::"+e.w.accounts[e.account]+":root"...)
	}
	return fmt.Appendf(dst, text, arn, t.service, t.name, t.service, t.name)
}

func appendInt(dst []byte, v int64) []byte { return strconv.AppendInt(dst, v, 10) }

// appendPrivate appends the private address of a machine of an account.
func appendPrivate(dst []byte, seed uint64, account, machine int) []byte {
	h := mixAll(seed, 78, uint64(account), uint64(machine))
	dst = appendInt(append(dst, "10."...), int64(20+account))
	dst = appendInt(append(dst, '.'), int64(h&63))
	return appendInt(append(dst, '.'), int64(4+h>>8%250))
}

func dateOf(ms int64, layout string) string { return time.UnixMilli(ms).UTC().Format(layout) }
