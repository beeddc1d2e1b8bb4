using Weir.Protocol.Batches;
using Weir.Routing.Ports;

namespace Weir.Routing.Lanes;

/// <summary>The positions of all sources: what is durable, and the checkpoints on their way, in the order they were
/// made.</summary>
/// <param name="ready">Called, from any thread, when a position may have become ready to commit.</param>
internal sealed class PositionLedger(IReadOnlyList<SourcePosition> durable, Action ready) : ICheckpointLedger
{
    private readonly Lock _gate = new();
    private readonly Dictionary<SourceKey, Course> _courses =
        durable.ToDictionary(position => position.Source, position => new Course { Durable = position });

    private readonly HashSet<Course> _changed = [];
    private long _sequence;

    /// <exception cref="PositionLostException">Earlier lines of the source were given up.</exception>
    public Checkpoint Begin(SourcePosition position)
    {
        lock (_gate)
        {
            var course = CourseOf(position.Source);
            if (course.IsLost) throw new PositionLostException(position.Source);
            var checkpoint = new Checkpoint(position, ++_sequence, this);
            course.Outstanding.Enqueue(checkpoint);
            return checkpoint;
        }
    }

    public void Complete(Checkpoint checkpoint)
    {
        lock (_gate)
        {
            // A checkpoint of an earlier run was forgotten: it moves nothing.
            if (!_courses.TryGetValue(checkpoint.Source, out var course)) return;
            _changed.Add(course);
        }

        ready();
    }

    public void Abandon(Checkpoint checkpoint)
    {
        lock (_gate)
        {
            if (_courses.TryGetValue(checkpoint.Source, out var course)) course.IsLost = true;
        }
    }

    /// <summary>Moves positions whose checkpoints, and all before them, are complete into <paramref
    /// name="positions"/>.</summary>
    public void TakeReady(Dictionary<SourceKey, SourcePosition> positions)
    {
        lock (_gate)
        {
            foreach (var course in _changed)
            {
                while (course.Outstanding.TryPeek(out var first) && first.IsComplete)
                {
                    positions[first.Source] = first.Position;
                    course.IsCommitting = true;
                    course.Outstanding.Dequeue();
                }
            }

            _changed.Clear();
        }
    }

    /// <summary>The highest sequence up to which all checkpoints of a source would be complete, were
    /// <paramref name="held"/> released that often.</summary>
    public long CompleteUpTo(SourceKey source, Dictionary<Checkpoint, int> held)
    {
        lock (_gate)
        {
            // Where lines were given up, all from there on is read again whatever is stored: nothing to wait for.
            if (!_courses.TryGetValue(source, out var course) || course.IsLost) return long.MaxValue;
            foreach (var checkpoint in course.Outstanding)
                if (checkpoint.Holders > held.GetValueOrDefault(checkpoint)) return checkpoint.Sequence - 1;
            return long.MaxValue;
        }
    }

    public void Committed(IEnumerable<SourcePosition> positions)
    {
        lock (_gate)
        {
            foreach (var position in positions)
            {
                if (!_courses.TryGetValue(position.Source, out var course)) continue;
                course.Durable = position;
                course.IsCommitting = false;
            }
        }
    }

    /// <summary>Whether checkpoints of the source are neither durable nor forgotten.</summary>
    public bool HasOutstanding(SourceKey source)
    {
        lock (_gate)
        {
            return _courses.TryGetValue(source, out var course)
                && (course.Outstanding.Count > 0 || course.IsCommitting);
        }
    }

    /// <summary>Begins a new run of a source: what its earlier runs left incomplete is forgotten.</summary>
    /// <returns>The durable position.</returns>
    public SourcePosition? Restart(SourceKey source)
    {
        lock (_gate)
        {
            if (!_courses.TryGetValue(source, out var course)) return null;
            course.Outstanding.Clear();
            course.IsLost = false;
            return course.Durable;
        }
    }

    public void Forget(SourceKey source)
    {
        lock (_gate)
        {
            if (_courses.Remove(source, out var course)) _changed.Remove(course);
        }
    }

    public SourcePosition? Find(SourceKey source)
    {
        lock (_gate) return _courses.GetValueOrDefault(source)?.Durable;
    }

    public IReadOnlyList<SourcePosition> List(string component)
    {
        lock (_gate)
        {
            return
            [
                .. from course in _courses
                   where course.Key.Component == component && course.Value.Durable is not null
                   select course.Value.Durable,
            ];
        }
    }

    private Course CourseOf(SourceKey source)
    {
        if (!_courses.TryGetValue(source, out var course)) _courses[source] = course = new Course();
        return course;
    }

    private sealed class Course
    {
        /// <summary>Made and not yet taken for a commit, oldest first.</summary>
        public Queue<Checkpoint> Outstanding { get; } = new();

        public SourcePosition? Durable { get; set; }

        /// <summary>A position was taken for a commit that is not yet durable.</summary>
        public bool IsCommitting { get; set; }

        /// <summary>Lines were given up: the source has to resume before it makes another checkpoint.</summary>
        public bool IsLost { get; set; }
    }
}
