/**
 * The questions that JMH answers, one class each, and the contenders behind them.
 *
 * <p>A class has one parameter {@code contender}. A fork runs one contender, so the JVM compiles
 * the measured path for that one alone.
 */
@org.jspecify.annotations.NullMarked
package io.uloop.benchmarks.question;
