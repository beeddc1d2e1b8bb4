using System.Net.Sockets;
using System.Security.Authentication;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;
using Weir.Node.Http;
using Weir.Routing.Components;

namespace Weir.Node.RabbitMq;

/// <summary>What goes wrong between a node and its broker, in words that say what to do. Never a secret.</summary>
internal static class BrokerFault
{
    public const ushort AccessRefused = 403;
    public const ushort NotFound = 404;
    public const ushort PreconditionFailed = 406;
    public const ushort NotAllowed = 530;

    /// <summary>Whether an exception tells of the broker or the way to it, and of no bug.</summary>
    public static bool IsOne(Exception exception) => exception is RabbitMQClientException or IOException
        or SocketException or TimeoutException or AuthenticationException or CredentialException
        or UnauthorizedAccessException or ComponentException or ObjectDisposedException or OperationCanceledException;

    public static string Describe(Exception fault, BrokerAddress address)
    {
        var chain = ChainOf(fault).ToArray();
        if (chain.OfType<PossibleAuthenticationFailureException>().Any())
        {
            return $"{address} does not take the credentials: check the user name and the password of the cluster "
                + "block (username, password or password_file), and that the user exists on the broker";
        }

        if (chain.OfType<OperationInterruptedException>().FirstOrDefault()?.ShutdownReason is { } closed)
            return Describe(closed, address);
        if (chain.OfType<AuthenticationException>().FirstOrDefault() is { } tls)
            return $"TLS with {address} fails: {tls.Message}: check tls_config (ca_file, server_name)";
        if (chain.OfType<SocketException>().FirstOrDefault() is { } socket)
        {
            return $"{address} cannot be reached: {socket.Message}: check that the broker runs there and that the "
                + "address is right";
        }

        return $"{address}: {chain[^1].Message}";
    }

    public static string Describe(ShutdownEventArgs closed, BrokerAddress address) =>
        closed.ReplyCode is NotAllowed or AccessRefused
            ? $"{address} refuses access to the virtual host \"{address.VirtualHost}\": create it "
                + "(rabbitmqctl add_vhost), give the user its rights there (rabbitmqctl set_permissions), or change "
                + "the end of the broker's URL"
            : $"{address}: {closed.ReplyText}";

    private static IEnumerable<Exception> ChainOf(Exception? fault)
    {
        for (; fault is not null; fault = fault.InnerException) yield return fault;
    }
}
