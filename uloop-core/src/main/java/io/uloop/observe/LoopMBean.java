package io.uloop.observe;

import java.lang.management.ManagementFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.management.InstanceAlreadyExistsException;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/** Registers loops with the platform's MBean server. Thread-safe. */
public final class LoopMBean {
    private LoopMBean() {}

    /**
     * Registers the bean of a loop.
     *
     * @param loop the loop's name
     * @param bean its bean
     * @return deregisters the bean; idempotent
     * @throws IllegalStateException if a loop of this name is registered
     */
    public static Runnable register(String loop, Object bean) {
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();
        try {
            ObjectName name = new ObjectName("io.uloop:type=Uloop,name=" + quotedIfNeeded(loop));
            server.registerMBean(bean, name);
            AtomicBoolean registered = new AtomicBoolean(true);
            return () -> {
                if (registered.getAndSet(false)) { // once only: another loop may use the name later
                    unregister(server, name);
                }
            };
        } catch (InstanceAlreadyExistsException e) {
            throw new IllegalStateException(
                    "a loop named " + loop + " is already registered in JMX; use a different name",
                    e);
        } catch (JMException e) {
            throw new IllegalStateException("cannot register " + loop + " in JMX", e);
        }
    }

    private static void unregister(MBeanServer server, ObjectName name) {
        try {
            server.unregisterMBean(name);
        } catch (InstanceNotFoundException e) {
            // Already unregistered by other code.
        } catch (JMException e) {
            throw new IllegalStateException("cannot unregister " + name + " from JMX", e);
        }
    }

    private static String quotedIfNeeded(String name) {
        return name.matches("[^,=:\"*?\n]+") ? name : ObjectName.quote(name);
    }
}
