/* SPDX-License-Identifier: Apache-2.0 */
/* minisign_sample.h - keys and signatures that Debian's minisign made, for tests alone: whoever reads this has the secret keys. */
#ifndef RUNNEL_TESTS_MINISIGN_SAMPLE_H
#define RUNNEL_TESTS_MINISIGN_SAMPLE_H

static const char sample_text[] = "target: lab/board-1\n"
				  "revision: 7\n"
				  "sensors:\n"
				  "  air: {driver: sim}\n";

static const char sample_key[] = "untrusted comment: minisign public key ED5D395B03BC1CFD\n"
				 "RWT9HLwDWzld7RqEFU3S1OPdYLQrSXXImwrGWvGyZODSOoQaAMGPkBaP\n";

static const char sample_secret[] = "untrusted comment: minisign encrypted secret key\n"
				    "RWQAAEIyAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/"
				    "Ry8A1s5Xe1vcVNfzunHrcTa8q9qwfrlxn5AceoNuZNdD0R3Ndk96BqEFU3S1OPdYLQrSXXImwrGWvGyZOD"
				    "SOoQaAMGPkBaPAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";

static const char sample_locked[] =
	"untrusted comment: minisign encrypted secret key\n"
	"RWRTY0IycuFyr7faKOYHUqX3iSh5OvZgm30x+"
	"DBcDB0sdLmY7DUAAAACAAAAAAAAAEAAAAAAws65LuA6yOiK8IXxWxwjtCTIMEFPoUASRCSg1l0MaUpz1XF+"
	"Mw0G4TUpGuiB3VQI0xOlfvak4jq8Wlx0FKwKKzTzj1OD9Xxt3wBxu0oqFYLPAGFoNoHouG9+JxXq+ejR1MLd/XoNWN8=\n";

static const char sample_prehashed[] =
	"target: lab/board-1\n"
	"revision: 7\n"
	"sensors:\n"
	"  air: {driver: sim}\n"
	"# untrusted comment: signature from minisign secret key\n"
	"# RUT9HLwDWzld7dzt8cj+/pXXUp2jRj9+/BxQPUv1Rm++ghtWtOI10XZDHr3DQM7WbTkAVuBSj+msbtPzxU1rANuS7C0bn6hPhgs=\n"
	"# trusted comment: rollout 7\n"
	"# 0D1AhWcvSDEGprfkXJldcpZJvHSmPpUpEAalxJO/qdZJ4y+qxWaaSQsOWqwTmNokfCZr6KhuiogyXwJm+UPvBA==\n";

static const char sample_legacy[] =
	"target: lab/board-1\n"
	"revision: 7\n"
	"sensors:\n"
	"  air: {driver: sim}\n"
	"# untrusted comment: signature from minisign secret key\n"
	"# RWT9HLwDWzld7faltmw1cyAsHDgoI5C9yELejmHi9miII9it4KLlxqq+Myh2tV3UPk7tV8NWgTZyxgxAcdfhl6APUJGBnbdJMww=\n"
	"# trusted comment: rollout 7\n"
	"# llsvWv7T3RaZvzKp3/9rUlklFqfJMlmAf/JQOervQvYlhbk/mkT3En6qv7azrR9FwdO/FEHvZXJmsT3II+x/Cw==\n";

static const char sample_of_another_key[] =
	"target: lab/board-1\n"
	"revision: 7\n"
	"sensors:\n"
	"  air: {driver: sim}\n"
	"# untrusted comment: signature from minisign secret key\n"
	"# RUTwL6g1NvLQ0rEcrrASe70f3ahz92jwcWskqDM0XgA2Zj+NjgCyggnniE6nsn8uzKRfeUIB9+/oTFhZTKIEzdRXKOIdJMivdg4=\n"
	"# trusted comment: rollout 7\n"
	"# zrk+bdmf81mowIrausRwT0I67Mw9rElbmG03quPt8LeIx6v4ipi2mOS8XAjTI6hHNTK6XPvEPoYTDLs1LbajBg==\n";

static const char sample_other_name[] = "D2D0F23635A82FF0";

#endif
