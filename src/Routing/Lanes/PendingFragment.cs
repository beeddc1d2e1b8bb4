using Weir.Protocol.Batches;
using Weir.Routing.Ports;

namespace Weir.Routing.Lanes;

/// <summary>A sealed fragment until it is committed.</summary>
/// <param name="Body">What <see cref="SealedFragment.Body"/> points into; held once by the pending fragment.</param>
/// <param name="Checkpoints">Those whose lines it carries, each held once; released when it is committed.</param>
internal sealed record PendingFragment(SealedFragment Fragment, FragmentBody Body, Checkpoint[] Checkpoints)
{
    /// <summary>Gives it up before it was submitted: its sources will read it again.</summary>
    public void Abandon()
    {
        foreach (var checkpoint in Checkpoints) checkpoint.Abandon();
        Body.Release();
    }
}
