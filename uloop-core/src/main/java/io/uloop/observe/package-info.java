/** Logging that peers cannot flood. */
package io.uloop.observe;
