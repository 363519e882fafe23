# SPDX-License-Identifier: Apache-2.0
# The rules of the house that no ready-made tool knows. Reads C and other text files, prints FILE:LINE: what is wrong.
#   awk -v only=RULE -v exceptions=FILE -f lint.awk FILES
# It relies on clang-format: a function starts and ends with a brace in the first column. A rule can be lifted for one
# file or function by a line "RULE FILE[:FUNCTION] reason" in the exceptions; one that is not needed is reported.

BEGIN {
	MAX_FUNCTION_LINES = 60
	MAX_FILE_LINES = 400
	MAX_COMPLEXITY = 12
	MAX_PARAMETERS = 6
	SPDX = "SPDX-License-Identifier: Apache-2.0"
	WORDS = "TO" "DO|FIX" "ME|XX" "X"

	# Who may include whom.
	may["base"] = " base "
	may["drivers"] = " base drivers "
	may["pipelines"] = " base pipelines "
	may["agent"] = " base drivers pipelines agent "
	may["collector"] = " base drivers pipelines collector "

	# Wrappers of libraries, for programs and each other alone: base stays testable without them.
	programs_only["base/loop.h"] = programs_only["base/mqtt.h"] = " agent collector base/loop.h base/loop.c base/loop_clock.c base/mqtt.h " \
		"base/mqtt.c base/mqtt_private.h base/mqtt_paho.h base/mqtt_options.h base/mqtt_text.c "

	# A third-party header is seen by one file.
	home["uv.h"] = "base/loop.c"
	home["MQTTAsync.h"] = "base/mqtt_paho_private.h"
	home["sqlite3.h"] = "agent/spool_db_private.h base/db.c"
	home["yaml.h"] = "agent/yaml.c"
	home["openssl/evp.h"] = "agent/minisign.c"
	home["i2c/smbus.h"] = home["linux/i2c.h"] = home["linux/i2c-dev.h"] = "drivers/i2c_linux.c"
	home["emmintrin.h"] = "base/csv.c"
	home["lua.h"] = home["lauxlib.h"] = home["lualib.h"] = "pipelines/lua_box.c"
	home["jansson.h"] = "collector/json_in_private.h"
	home["microhttpd.h"] = "collector/http.c"
	home["curl/curl.h"] = "collector/http_post.c"
	home["librdkafka/rdkafka.h"] = "collector/sink_kafka.c"
	home["gpiod.h"] = "drivers/gpio_v1.c drivers/gpio_v2.c" # of which one is compiled
	home["pb.h"] = home["pb_encode.h"] = home["pb_decode.h"] = "pipelines/wire.c"
	home["pipelines/runnel.pb.h"] = "pipelines/wire.c"
	n = split("assert byteswap complex ctype dirent endian errno fcntl fenv float fnmatch getopt glob grp inttypes " \
		"langinfo libgen limits locale malloc math netdb poll pthread pwd regex sched signal spawn stdalign stdarg " \
		"stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string strings sysexits syslog termios time unistd wchar", h, " ")
	for (i = 1; i <= n; i++)
		libc[h[i] ".h"]

	n = split("strcpy strcat sprintf vsprintf strtok atoi atof atol gmtime localtime usleep strncpy strncat gets", h, " ")
	for (i = 1; i <= n; i++)
		banned[h[i]]

	while (exceptions != "" && (getline line < exceptions) > 0) {
		n_lines++
		if (line ~ /^#/ || line == "")
			continue
		n = split(line, h, " ")
		lifted[h[1] " " h[2]] = n_lines
		if (n < 4)
			unexplained[n_lines] = line
	}
}

function finding(rule, key, line, text) {
	if ((rule " " key) in lifted) {
		needed[rule " " key]
		return
	}
	if (rule != only)
		return
	printf "%s:%d: %s\n", FILENAME, line, text
	status = 1
}

# The line without comments and literals: what the compiler would see. in_comment carries over to the next line.
function code_of(line,    out, at) {
	out = ""
	for (;;) {
		if (in_comment) {
			at = index(line, "*/")
			if (!at)
				return out
			line = substr(line, at + 2)
			in_comment = 0
		}
		if (!match(line, /["']|\/\*|\/\//))
			return out line
		out = out substr(line, 1, RSTART - 1)
		line = substr(line, RSTART)
		if (substr(line, 1, 2) == "/*") {
			in_comment = 1
			line = substr(line, 3)
		} else if (substr(line, 1, 2) == "//") {
			return out
		} else if (match(line, /^"([^"\\]|\\.)*"/) || match(line, /^'([^'\\]|\\.)*'/)) {
			out = out "\"\""
			line = substr(line, RLENGTH + 1)
		} else {
			return out
		}
	}
}

function count(text, regex) {
	return gsub(regex, "&", text)
}

function exists(file,    line, r) {
	r = (getline line < file) >= 0
	close(file)
	return r
}

FNR == 1 {
	end_of_file()
	file = FILENAME
	sub(/^\.\//, "", file)
	is_c = file ~ /\.[ch]$/
	dir = file
	sub(/\/.*/, "", dir)
	in_comment = in_function = n_includes = 0
	signature = previous = stage = ""
	has_spdx = 0
	if (is_c && $0 != "/* " SPDX " */")
		finding("spdx", file, 1, "the first line must be /* " SPDX " */")
}

FNR <= 2 && index($0, SPDX) { has_spdx = 1 }

{
	last_line = FNR
	last_file = file
	if (match($0, "(^|[^A-Za-z0-9_])(" WORDS ")([^A-Za-z0-9_]|$)"))
		finding("words", file, FNR, "do it, or open an issue: " $0)
}

!is_c { next }

/^[ \t]*#[ \t]*include/ { include($0) }

{
	code = code_of($0)
	banned_names(code)
	functions(code)
}

function include(line,    quoted, name, target) {
	if (!match(line, /["<][^">]*[">]/))
		return
	quoted = substr(line, RSTART, 1) == "\""
	name = substr(line, RSTART + 1, RLENGTH - 2)
	if (!(dir in may))
		return
	if (name in home) {
		if (!index(" " home[name] " ", " " file " "))
			finding("libraries", file, FNR, name " may only be included by " home[name])
	} else if (!quoted && !(name in libc) && name !~ /^(sys|linux|net|netinet|arpa)\//) {
		finding("libraries", file, FNR, name " is new: give it a home in tests/lint.awk")
	} else if (quoted) {
		target = name
		sub(/\/.*/, "", target)
		if (!index(may[dir], " " target " "))
			finding("layers", file, FNR, dir " must not include " name)
		if (name in programs_only && !index(programs_only[name], " " dir " ") && !index(programs_only[name], " " file " "))
			finding("layers", file, FNR, name " is for agent and collector only")
	}
	order(quoted, name)
}

function own_header(    h) {
	h = file
	return sub(/\.c$/, ".h", h) && exists(h) ? h : ""
}

# The own header first, which proves that it needs no other; then <...>, then "...", each sorted.
function order(quoted, name,    own) {
	own = own_header()
	if (++n_includes == 1 && own != "") {
		if (name != own)
			finding("includes", file, FNR, "the first include must be \"" own "\"")
		return
	}
	if (!quoted && stage == "quoted")
		finding("includes", file, FNR, "<" name "> stands after \"...\"")
	if (stage == (quoted ? "quoted" : "system") && name < previous)
		finding("includes", file, FNR, name " stands after " previous)
	stage = quoted ? "quoted" : "system"
	previous = name
}

function banned_names(code,    rest, name) {
	rest = code
	while (match(rest, /[A-Za-z_][A-Za-z0-9_]*[ \t]*\(/)) {
		name = substr(rest, RSTART, RLENGTH - 1)
		sub(/[ \t]*$/, "", name)
		if (name in banned)
			finding("banned", file, FNR, name "() is not used here")
		rest = substr(rest, RSTART + RLENGTH)
	}
	if (code ~ /^typedef /)
		finding("banned", file, FNR, "no typedefs: say struct")
	if (dir in may && code ~ /(^|[^A-Za-z0-9_])long double([^A-Za-z0-9_]|$)/)
		finding("banned", file, FNR, "long double differs between targets")
}

# Complexity: 1 and one for each decision. A switch is one, for a flat one reads like a table.
function functions(code) {
	if (in_function && code ~ /^}/) {
		if (FNR - started > MAX_FUNCTION_LINES)
			finding("length", file ":" name, started, name "() has " FNR - started " lines, at most " MAX_FUNCTION_LINES)
		if (complexity > MAX_COMPLEXITY)
			finding("complexity", file ":" name, started, name "() has complexity " complexity ", at most " MAX_COMPLEXITY)
		in_function = 0
		signature = ""
	} else if (in_function) {
		complexity += count(code, "(^|[^A-Za-z0-9_])(if|for|while|switch) *\\(") + count(code, "&&|\\|\\||\\?")
	} else if (code ~ /^\{/) {
		in_function = 1
		started = FNR
		complexity = 1
		parameters()
	} else if (code ~ /[;}][ \t]*$/ || code ~ /^[ \t]*#/ || code ~ /^[ \t]*$/) {
		signature = ""
	} else {
		signature = signature " " code
	}
}

# Finds the name, the first lower-case word before a parenthesis, and counts what is between its parentheses.
function parameters(    rest, i, c, depth, commas) {
	rest = signature
	name = "?"
	while (match(rest, /[A-Za-z_][A-Za-z0-9_]*\(/)) {
		name = substr(rest, RSTART, RLENGTH - 1)
		rest = substr(rest, RSTART + RLENGTH)
		if (name ~ /[a-z]/ && name != "__attribute__")
			break
	}
	depth = 1
	commas = 0
	for (i = 1; i <= length(rest) && depth > 0; i++) {
		c = substr(rest, i, 1)
		depth += (c == "(") - (c == ")")
		commas += c == "," && depth == 1
	}
	if (commas + 1 > MAX_PARAMETERS)
		finding("complexity", file ":" name, FNR, name "() has " commas + 1 " parameters, at most " MAX_PARAMETERS)
}

# FILENAME is already the next file here.
function end_of_file(    now) {
	if (last_file == "")
		return
	now = FILENAME
	FILENAME = last_file
	if (is_c && last_line > MAX_FILE_LINES)
		finding("length", last_file, last_line, "the file has " last_line " lines, at most " MAX_FILE_LINES)
	if (!is_c && !has_spdx && last_file !~ /\.(md|txt|exceptions)$/)
		finding("spdx", last_file, 1, "one of the first two lines must say " SPDX)
	FILENAME = now
}

END {
	end_of_file()
	if (only == "exceptions") {
		FILENAME = exceptions
		for (key in lifted)
			if (!(key in needed))
				finding("exceptions", key, lifted[key], "nothing needs this exception: " key)
		for (i in unexplained)
			finding("exceptions", i, i, "an exception needs a reason: " unexplained[i])
	}
	exit status
}
