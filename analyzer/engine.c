/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/engine.h"

const char *replay_engine(void)
{
	return QGREPLAY_VERSION "-" QGREPLAY_ENGINE;
}
