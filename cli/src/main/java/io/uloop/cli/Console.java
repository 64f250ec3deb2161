package io.uloop.cli;

import java.io.PrintWriter;

/** The standard output and error of a command. */
record Console(PrintWriter out, PrintWriter err) {}
