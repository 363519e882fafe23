/* SPDX-License-Identifier: Apache-2.0 */
/*
 * envelope.h - a config as it is pushed: the text, followed by the four lines of its minisign signature, each after "# ", so that the
 * whole is YAML still. It is opened without looking at the text: nothing of it is parsed before its signature is known to be good.
 */
#ifndef RUNNEL_AGENT_ENVELOPE_H
#define RUNNEL_AGENT_ENVELOPE_H

#include <stddef.h>

#include "agent/minisign.h"
#include "base/dynbuf.h"
#include "base/opt.h"

enum {
	ENVELOPE_MAX_BYTES = 256 * 1024, /* with the signature */
	ENVELOPE_REASON_BYTES = 240,
};

struct envelope {
	const char *text; /* in the payload; ends with a line end */
	size_t text_bytes;
	struct minisign_signature signature;
};

/** Take a payload apart. @why: static text. @return 0 or -EBADMSG */
NODISCARD int envelope_split(const char *payload, size_t bytes, struct envelope *out, const char **why);

/**
 * Is it signed by one of the keys in the files @keys, which are read now? A file that cannot be read is passed over and named if no
 * other key fits.
 * @return 0 or -EBADMSG with @reason
 */
NODISCARD int envelope_verify(const struct envelope *e, const struct opt_list *keys,
			      char reason[static ENVELOPE_REASON_BYTES]);

/** @text and what minisign wrote about it into its file, which is four lines. @return 0 or -EBADMSG: that is no signature */
NODISCARD int envelope_join(const char *text, size_t bytes, const char *minisig, size_t minisig_bytes,
			    struct dynbuf *out);

/** Sign @text. @return 0 or -ENOMEM */
NODISCARD int envelope_sign(const char *text, size_t bytes, const char *trusted, const struct minisign_secret *key,
			    struct dynbuf *out);

#endif
