package io.uloop.observe;

import java.util.List;
import java.util.Map;

/**
 * The descriptors that a loop watches.
 *
 * @param listed those with the lowest numbers, up to a limit
 * @param byHandler how many each class of handlers has, up to a limit of all
 */
public record WatchedDescriptors(
        List<WatchedDescriptor> listed, Map<Class<?>, Integer> byHandler) {}
