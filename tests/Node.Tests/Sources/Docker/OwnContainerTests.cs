using Weir.Node.Sources.Docker;

namespace Weir.Node.Tests.Sources.Docker;

public sealed class OwnContainerTests
{
    private const string Id = "9be4b1d3a0f24f3a8b0c6f7be21d5a3c9be4b1d3a0f24f3a8b0c6f7be21d5a3c";

    [Fact]
    public void The_folder_behind_the_host_name_tells_the_container()
    {
        var mountInfo =
            "612 599 0:55 / /proc rw,nosuid - proc proc rw\n"
            + $"640 599 254:1 /var/lib/docker/containers/{Id}/hostname /etc/hostname rw - ext4 /dev/vda1 rw\n";

        Assert.Equal(Id, OwnContainer.Find(mountInfo));
    }

    [Theory]
    [InlineData("")]
    [InlineData($"90 25 0:45 / /var/lib/docker/containers/{Id}/mounts/shm rw - tmpfs shm rw\n")]
    [InlineData("640 599 254:1 /var/lib/docker/containers/short/hostname /etc/hostname rw - ext4 /dev/vda1 rw\n")]
    [InlineData("640 599 254:1 /etc/hostname /etc/hostname rw - ext4 /dev/vda1 rw\n")]
    public void Outside_of_a_container_there_is_none(string mountInfo)
    {
        Assert.Equal("", OwnContainer.Find(mountInfo));
    }
}
