/**
 * The model of benchmark results, what measures them, and how they are shown: as tables, as a page
 * with charts, and as the changes between two runs.
 */
@NullMarked
package io.uloop.benchmarks.report;

import org.jspecify.annotations.NullMarked;
