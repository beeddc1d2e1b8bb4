using Weir.Node.RabbitMq;

namespace Weir.Node.Tests.RabbitMq;

public sealed class BrokerAddressTests
{
    [Theory]
    [InlineData("amqp://broker", "broker", 5672, false, "/")]
    [InlineData("amqps://broker", "broker", 5671, true, "/")]
    [InlineData("amqp://broker:1234/", "broker", 1234, false, "/")]
    [InlineData("amqp://broker/logs", "broker", 5672, false, "logs")]
    [InlineData("amqp://broker/a%2Fb", "broker", 5672, false, "a/b")]
    [InlineData("amqp://[::1]:5672", "::1", 5672, false, "/")]
    public void A_url_names_host_port_transport_and_virtual_host(
        string url, string host, int port, bool isTls, string virtualHost)
    {
        Assert.True(BrokerAddress.TryParse(url, out var address, out _));

        Assert.Equal((host, port, isTls, virtualHost),
            (address.Host, address.Port, address.IsTls, address.VirtualHost));
    }

    [Fact]
    public void Credentials_are_unescaped_and_never_shown()
    {
        Assert.True(BrokerAddress.TryParse("amqp://us%40er:p%2Fss@broker", out var address, out _));

        Assert.Equal(("us@er", "p/ss"), (address.Username, address.Password.Reveal()));
        Assert.Equal("broker:5672", $"{address}");
    }

    [Theory]
    [InlineData("broker:5672")]
    [InlineData("http://user:secret@broker")]
    [InlineData("amqp://")]
    [InlineData("amqp://user:secret@broker/?heartbeat=5")]
    [InlineData("amqp://user:secret@broker/a/b")]
    [InlineData("")]
    public void What_is_no_brokers_url_is_refused_without_repeating_it(string url)
    {
        Assert.False(BrokerAddress.TryParse(url, out _, out var problem));

        Assert.NotEmpty(problem);
        Assert.DoesNotContain("secret", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_text_is_taken_or_refused()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        const string Letters = "amqps:/@[]%2F?#user.-\u00e9 0";
        for (var i = 0; i < 20_000; i++)
        {
            var tail = string.Concat(
                Enumerable.Range(0, random.Next(20)).Select(_ => Letters[random.Next(Letters.Length)]));
            var text = random.Next(2) == 0 ? tail : $"amqp://{tail}";

            var isTaken = BrokerAddress.TryParse(text, out var address, out var problem);

            Assert.True(isTaken ? address!.Host.Length > 0 && problem is null : problem is not null,
                $"seed {seed}: {text}");
        }
    }
}
