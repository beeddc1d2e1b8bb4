namespace Weir.Routing.Stages;

/// <summary>Stages one after another, each over the whole batch before the next begins.</summary>
public sealed class StageChain
{
    private readonly Stage[] _stages;

    public StageChain(Stage[] stages) => _stages = stages;

    public int Count => _stages.Length;

    public bool HoldsLines
    {
        get
        {
            foreach (var stage in _stages)
                if (stage.HoldsLines) return true;
            return false;
        }
    }

    public long EarliestHeld
    {
        get
        {
            var earliest = long.MaxValue;
            foreach (var stage in _stages) earliest = Math.Min(earliest, stage.EarliestHeld);
            return earliest;
        }
    }

    /// <summary>The chain as one source uses it: the same one where no stage has state.</summary>
    public StageChain Instantiate()
    {
        var instances = new Stage[_stages.Length];
        var stateful = false;
        for (var i = 0; i < instances.Length; i++)
        {
            instances[i] = _stages[i].Instantiate();
            stateful |= !ReferenceEquals(instances[i], _stages[i]);
        }

        return stateful ? new StageChain(instances) : this;
    }

    public void Apply(StageBatch batch)
    {
        foreach (var stage in _stages)
            if (batch.Live.Length > 0 || stage.HoldsLines) stage.Apply(batch);
    }
}
