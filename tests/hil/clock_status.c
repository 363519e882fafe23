/* SPDX-License-Identifier: Apache-2.0 */
/* clock_status right|wrong: tells the kernel that somebody keeps the clock right, as an NTP client does, or nobody. */
#include <stdio.h>
#include <string.h>
#include <sys/timex.h>

int main(int argc, char **argv)
{
	struct timex t = { .modes = ADJ_STATUS | ADJ_MAXERROR, .maxerror = 1000 };

	t.status = argc == 2 && strcmp(argv[1], "right") == 0 ? STA_PLL : STA_UNSYNC;
	if (adjtimex(&t) >= 0)
		return 0;
	perror("adjtimex");
	return 1;
}
