/* SPDX-License-Identifier: GPL-2.0-only */
/* Handlers that are yet to come: each goes from here into its own file. */
#include "web/api/api.h"
#include "web/page/page.h"
#include "web/upload/upload.h"

