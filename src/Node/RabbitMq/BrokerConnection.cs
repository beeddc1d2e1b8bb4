using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using Weir.Node.Http;

namespace Weir.Node.RabbitMq;

/// <summary>A connection for one purpose, to any broker of the list; made again whenever it ends.</summary>
internal sealed class BrokerConnection(
    string purpose, RabbitMqOptions options, BrokerEvents events, TimeProvider time, Random random)
{
    /// <summary>The broker takes a connection for dead after two to three of these without a byte: at least twice
    /// <see cref="Routing.Ports.BrokerLimits.LeaseMax"/>.</summary>
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(6);

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan DelayMin = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan DelayMax = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan HealthyAfter = TimeSpan.FromSeconds(10);
    private const int DoublingsMax = 10;

    /// <summary>Longest message that is read: a fragment's 64 MiB and its header.</summary>
    private const uint MessageBytesMax = (64u << 20) + (64u << 10);

    private readonly Lock _gate = new();
    private TaskCompletionSource<IConnection> _connected = New();
    private BrokerAddress? _address;
    private string _blockedBy = "";
    private string _lastError = "not connected yet";

    public bool IsConnected => Current is not null;

    /// <summary>Null while there is none.</summary>
    public IConnection? Current
    {
        get
        {
            lock (_gate)
            {
                return _connected.Task is { IsCompletedSuccessfully: true, Result: { IsOpen: true } open }
                    ? open : null;
            }
        }
    }

    public string Node
    {
        get { lock (_gate) return _address?.ToString() ?? ""; }
    }

    /// <summary>Why the broker reads nothing from this connection; "" while it does.</summary>
    public string BlockedBy
    {
        get { lock (_gate) return _blockedBy; }
    }

    public string LastError
    {
        get { lock (_gate) return _lastError; }
    }

    /// <summary>Called when it was blocked or unblocked, or ended.</summary>
    public Action Changed { get; set; } = () => { };

    /// <summary>Waits for a connection.</summary>
    public async ValueTask<IConnection> GetAsync(CancellationToken cancel)
    {
        Task<IConnection> connected;
        lock (_gate) connected = _connected.Task;
        return await connected.WaitAsync(cancel);
    }

    /// <summary>Keeps it until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        var next = random.Next(options.Brokers.Count);
        for (var failures = 0; ; next = (next + 1) % options.Brokers.Count)
        {
            var address = options.Brokers[next];
            try
            {
                await using var connection = await ConnectAsync(address, cancel);
                var started = time.GetTimestamp();
                await UseAsync(connection, address, cancel);
                failures = time.GetElapsedTime(started) > HealthyAfter ? 0 : failures + 1;
            }
            catch (Exception fault) when (BrokerFault.IsOne(fault) && !cancel.IsCancellationRequested)
            {
                failures++;
                var error = BrokerFault.Describe(fault, address);
                lock (_gate) _lastError = error;
                events.ConnectFailed(error);
            }

            // The whole list is tried before anything is waited for.
            if (failures % options.Brokers.Count == 0)
                await Task.Delay(DelayAfter(failures / options.Brokers.Count), time, cancel);
        }
    }

    private TimeSpan DelayAfter(int failures)
    {
        var delay = DelayMin * Math.Pow(2, Math.Min(failures, DoublingsMax));
        return (delay < DelayMax ? delay : DelayMax) * (0.5 + random.NextDouble() / 2); // nodes must not come as one
    }

    private async ValueTask<IConnection> ConnectAsync(BrokerAddress address, CancellationToken cancel)
    {
        var isOwnUser = address.Username.Length > 0;
        var password = isOwnUser ? address.Password.Reveal()
            : await new SecretFile("cluster.password_file", options.Password, options.PasswordFile).ReadAsync(cancel);
        var factory = new ConnectionFactory
        {
            AutomaticRecoveryEnabled = false, // what a session or a confirm is worth would be lost in it
            TopologyRecoveryEnabled = false,
            RequestedHeartbeat = Heartbeat,
            RequestedConnectionTimeout = ConnectTimeout,
            ContinuationTimeout = AnswerTimeout,
            MaxInboundMessageBodySize = MessageBytesMax,
            VirtualHost = address.VirtualHost,
        };
        if (isOwnUser || options.Username.Length > 0)
            (factory.UserName, factory.Password) = (isOwnUser ? address.Username : options.Username, password);
        AmqpTcpEndpoint[] endpoints = [new(address.Host, address.Port, TlsOf(address), MessageBytesMax)];
        return await factory.CreateConnectionAsync(endpoints, $"weir {options.DisplayName} {purpose}", cancel);
    }

    private SslOption TlsOf(BrokerAddress address)
    {
        if (!address.IsTls) return new SslOption();
        var client = new TlsMaterial(options.Tls).ToClientOptions();
        var tls = new SslOption(client.TargetHost ?? address.Host, enabled: true)
        {
            Version = client.EnabledSslProtocols,
            CertificateValidationCallback = client.RemoteCertificateValidationCallback,
        };
        if (client.LocalCertificateSelectionCallback is { } select) tls.CertificateSelectionCallback = select;
        return tls;
    }

    private async ValueTask UseAsync(IConnection connection, BrokerAddress address, CancellationToken cancel)
    {
        var ended = new TaskCompletionSource<ShutdownEventArgs>(TaskCreationOptions.RunContinuationsAsynchronously);
        connection.ConnectionShutdownAsync += (_, reason) => Done(() => ended.TrySetResult(reason));
        connection.ConnectionBlockedAsync += (_, blocked) => Done(() => Block(blocked.Reason));
        connection.ConnectionUnblockedAsync += (_, _) => Done(() => Block(""));
        lock (_gate)
        {
            (_address, _lastError) = (address, "");
            _connected.TrySetResult(connection);
        }

        events.Connected(purpose, address.ToString());
        try
        {
            var reason = BrokerFault.Describe(connection.CloseReason ?? await ended.Task.WaitAsync(cancel), address);
            lock (_gate) _lastError = reason;
            events.Disconnected(purpose, reason);
        }
        finally
        {
            Forget();
            using var late = new CancellationTokenSource(CloseTimeout, time);
            if (connection.IsOpen)
                await connection.CloseAsync(Constants.ReplySuccess, "stopping", CloseTimeout, abort: true, late.Token);
        }
    }

    private void Forget()
    {
        bool wasBlocked;
        lock (_gate)
        {
            wasBlocked = _blockedBy.Length > 0;
            (_address, _blockedBy) = (null, "");
            _connected = New();
        }

        if (wasBlocked) events.BlockForgotten();
        Changed();
    }

    private void Block(string reason)
    {
        lock (_gate) _blockedBy = reason;
        if (reason.Length > 0) events.Blocked(reason);
        else events.Unblocked();
        Changed();
    }

    private static Task Done(Action action)
    {
        action();
        return Task.CompletedTask;
    }

    private static TaskCompletionSource<IConnection> New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
